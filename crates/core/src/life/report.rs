//! How long each part of the start took.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What a [`Step`] was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// A constructor ran.
    Constructor,
    /// A start hook ran.
    StartHook,
}

/// One part of the start.
#[derive(Clone, Debug)]
pub struct Step {
    kind: StepKind,
    name: Arc<str>,
    began: Duration,
    took: Duration,
}

impl Step {
    /// What it was.
    pub fn kind(&self) -> StepKind {
        self.kind
    }

    /// The constructor or hook, as messages name it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it began, counted from the beginning of the start.
    pub fn began(&self) -> Duration {
        self.began
    }

    /// How long it ran.
    pub fn took(&self) -> Duration {
        self.took
    }
}

/// How long the start took, and each part of it, the slowest first. Hooks run at the same time, so that the parts may
/// add up to more than the whole.
#[derive(Clone, Debug)]
pub struct StartReport {
    took: Duration,
    steps: Vec<Step>,
}

impl StartReport {
    /// How long the whole start took.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Each constructor and start hook, the slowest first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

/// A table, the slowest first.
impl fmt::Display for StartReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "started in {:.1?}", self.took)?;
        for step in &self.steps {
            write!(f, "\n{:>9}  {}", format!("{:.1?}", step.took), step.name)?;
        }
        Ok(())
    }
}

/// Takes down the steps while they happen.
pub(crate) struct Recorder {
    began: Instant,
    steps: Mutex<Vec<Step>>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            steps: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn record(&self, kind: StepKind, name: Arc<str>, began: Instant) {
        let took = began.elapsed();
        let event = match kind {
            StepKind::Constructor => "constructed",
            StepKind::StartHook => "hook_started",
        };
        let elapsed_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(target: "atlas::lifecycle", event, name = %name, elapsed_us);
        let step = Step {
            kind,
            name,
            began: began.saturating_duration_since(self.began),
            took,
        };
        self.steps
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(step);
    }

    pub(super) fn finish(&self) -> StartReport {
        let mut steps =
            std::mem::take(&mut *self.steps.lock().unwrap_or_else(PoisonError::into_inner));
        steps.sort_by_key(|step| std::cmp::Reverse(step.took));
        StartReport {
            took: self.began.elapsed(),
            steps,
        }
    }
}
