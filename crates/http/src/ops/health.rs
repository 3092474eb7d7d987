//! Health checks, asked at most once a second and never waited for too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use atlas_core::HealthCheck;
use tokio::sync::watch;

/// How long an answer is taken for true.
const FRESH: Duration = Duration::from_secs(1);
/// How long a probe waits for an answer. Orchestrators give a probe one second by default.
const PATIENCE: Duration = Duration::from_millis(500);

/// One check and its last answer.
#[derive(Clone)]
pub(super) struct Watched(Arc<Inner>);

struct Inner {
    check: HealthCheck,
    latest: watch::Sender<Option<Finding>>,
    running: AtomicBool,
}

/// The answer of a check.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// What is wrong; `None` when all is well.
    pub(super) error: Option<Arc<str>>,
    /// How long the answer took.
    pub(super) took: Duration,
    at: Instant,
}

impl Watched {
    pub(super) fn new(check: HealthCheck) -> Self {
        Self(Arc::new(Inner {
            check,
            latest: watch::Sender::new(None),
            running: AtomicBool::new(false),
        }))
    }

    pub(super) fn check(&self) -> &HealthCheck {
        &self.0.check
    }

    /// The answer that is known, or a new one when that is old.
    async fn ask(&self, deadline: tokio::time::Instant) -> Finding {
        let mut latest = self.0.latest.subscribe();
        let known = latest.borrow_and_update().clone();
        if let Some(finding) = known
            && finding.at.elapsed() < FRESH
        {
            return finding;
        }
        let asked = Instant::now();
        self.run();
        let answer = latest.wait_for(|it| it.as_ref().is_some_and(|it| it.at >= asked));
        match tokio::time::timeout_at(deadline, answer).await {
            Ok(Ok(finding)) => finding.clone().unwrap_or_else(|| late(asked)),
            _ => late(asked),
        }
    }

    /// Runs the check in a task of its own, unless it runs already; what hangs or panics there hurts no one.
    fn run(&self) {
        if self.0.running.swap(true, SeqCst) {
            return;
        }
        let this = self.clone();
        tokio::spawn(async move {
            let begun = Instant::now();
            let check = this.0.check.clone();
            let answer = tokio::spawn(async move { check.check().await }).await;
            let error = match answer {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some("the check panicked".to_owned()),
            };
            let finding = Finding {
                error: error.map(Arc::from),
                took: begun.elapsed(),
                at: Instant::now(),
            };
            this.0.latest.send_replace(Some(finding));
            this.0.running.store(false, SeqCst);
        });
    }
}

/// What is said of a check that has not answered.
fn late(asked: Instant) -> Finding {
    Finding {
        error: Some("it has not answered yet".into()),
        took: asked.elapsed(),
        at: Instant::now(),
    }
}

/// Asks all checks at the same time.
pub(super) async fn ask_all(checks: &[Watched]) -> Vec<Finding> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    for check in checks {
        let known = check.0.latest.borrow().clone();
        if known.is_none_or(|finding| finding.at.elapsed() >= FRESH) {
            check.run();
        }
    }
    let mut findings = Vec::with_capacity(checks.len());
    for check in checks {
        findings.push(check.ask(deadline).await);
    }
    findings
}
