//! What one constructor registered, as it is walked at start and unwound at stop.

use std::{
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    Cause, Core, Desk, Shutdown, StepKind, StopFailure,
    catch::catch_future,
    lifecycle::{Hook, Item, Task},
    reason::Reason,
    report::Recorder,
};

/// One constructor's hooks and tasks.
pub(crate) struct Unit {
    desk: Arc<Desk>,
    undo: Mutex<Vec<Undo>>,
}

/// What stopping has to do for something that has started.
enum Undo {
    Hook(Hook),
    Task {
        name: Arc<str>,
        limit: Duration,
        token: CancellationToken,
        handle: JoinHandle<Result<(), Reason>>,
    },
}

/// The moment by which all stop hooks must be done, and the time that was given.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    pub(super) deadline: tokio::time::Instant,
    pub(super) whole: Duration,
}

impl Unit {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            undo: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn owner(&self) -> &Arc<str> {
        self.desk.owner()
    }

    pub(super) fn has_begun_nothing(&self) -> bool {
        self.desk.is_empty() && self.undo().is_empty()
    }

    /// Takes nothing more.
    pub(super) fn close(&self) {
        self.desk.close();
    }

    /// Walks the sequence. What has finished is remembered at once, so that giving up at any point loses nothing.
    pub(super) async fn walk(
        &self,
        core: &Arc<Core>,
        recorder: &Recorder,
    ) -> Result<(), StopFailure> {
        while let Some(item) = self.desk.next() {
            match item {
                Item::Stop(hook) => self.undo().push(Undo::Hook(hook)),
                Item::Task(task) => self.undo().push(begin(task, core)),
                Item::Start(hook) => {
                    let began = Instant::now();
                    let (name, limit) = (Arc::clone(&hook.name), hook.limit);
                    tracing::debug!(target: "atlas::lifecycle", event = "hook_starting", name = %name);
                    if let Err(reason) = run(hook, limit).await {
                        let error = reason.to_string();
                        tracing::debug!(target: "atlas::lifecycle", event = "hook_failed", name = %name, error);
                        return Err(StopFailure::new(name, reason));
                    }
                    recorder.record(StepKind::StartHook, name, began);
                }
            }
        }
        Ok(())
    }

    /// Unwinds what was walked, last first, and says what failed; whether there was anything is the second answer.
    pub(super) async fn unwind(&self, budget: Budget) -> (Vec<StopFailure>, bool) {
        for hook in self.desk.close() {
            self.undo().push(Undo::Hook(hook));
        }
        let mut failures = Vec::new();
        let mut any = false;
        loop {
            let Some(undo) = self.undo().pop() else {
                return (failures, any);
            };
            any = true;
            let (name, limit) = (undo.name(), undo.limit());
            let left = budget
                .deadline
                .saturating_duration_since(tokio::time::Instant::now());
            let began = Instant::now();
            tracing::debug!(target: "atlas::lifecycle", event = "hook_stopping", name = %name);
            let result = match undo {
                Undo::Hook(_) if left.is_zero() => Err(Reason::NotRun(budget.whole)),
                Undo::Hook(hook) => run(hook, limit.min(left)).await,
                Undo::Task { token, handle, .. } => end(&token, handle, limit.min(left)).await,
            };
            let result = result.map_err(|reason| match reason {
                Reason::Overtime(spent) if spent < limit => Reason::CutOff(budget.whole),
                reason => reason,
            });
            match result {
                Ok(()) => {
                    let elapsed_us = micros(began);
                    tracing::debug!(target: "atlas::lifecycle", event = "hook_stopped", name = %name, elapsed_us);
                }
                Err(reason) => {
                    let error = reason.to_string();
                    tracing::warn!(target: "atlas::lifecycle", event = "hook_failed", name = %name, error);
                    failures.push(StopFailure::new(name, reason));
                }
            }
        }
    }

    fn undo(&self) -> MutexGuard<'_, Vec<Undo>> {
        self.undo.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An app that is dropped without being stopped takes its tasks with it.
impl Drop for Unit {
    fn drop(&mut self) {
        for undo in self.undo().drain(..) {
            if let Undo::Task { token, .. } = undo {
                token.cancel();
            }
        }
    }
}

impl Undo {
    fn name(&self) -> Arc<str> {
        match self {
            Self::Hook(Hook { name, .. }) | Self::Task { name, .. } => Arc::clone(name),
        }
    }

    fn limit(&self) -> Duration {
        match self {
            Self::Hook(Hook { limit, .. }) | Self::Task { limit, .. } => *limit,
        }
    }
}

async fn run(hook: Hook, limit: Duration) -> Result<(), Reason> {
    match timeout(limit, catch_future(async move { (hook.run)().await })).await {
        Err(_) => Err(Reason::Overtime(limit)),
        Ok(Err(panic)) => Err(Reason::Panicked(panic)),
        Ok(Ok(result)) => result.map_err(Reason::Failed),
    }
}

/// Begins a task. Its end, if it was not told to stop, ends the app.
fn begin(task: Task, core: &Arc<Core>) -> Undo {
    let Task { name, limit, run } = task;
    let token = CancellationToken::new();
    let shutdown = Shutdown::new(Arc::clone(core), token.clone());
    tracing::debug!(target: "atlas::lifecycle", event = "task_started", name = %name);
    let (core, told, title) = (Arc::clone(core), token.clone(), Arc::clone(&name));
    let handle = tokio::spawn(async move {
        let error: Arc<dyn Error + Send + Sync> =
            match catch_future(async move { run(shutdown).await }).await {
                Ok(Ok(())) if told.is_cancelled() || core.cause().is_some() => return Ok(()),
                Ok(Ok(())) => {
                    core.end(Cause::TaskEnded {
                        task: title,
                        error: None,
                    });
                    return Err(Reason::EndedEarly);
                }
                Ok(Err(error)) => Arc::from(error),
                Err(panic) => Arc::new(panic),
            };
        core.end(Cause::TaskEnded {
            task: title,
            error: Some(Arc::clone(&error)),
        });
        Err(Reason::Shared(error))
    });
    Undo::Task {
        name,
        limit,
        token,
        handle,
    }
}

async fn end(
    token: &CancellationToken,
    mut handle: JoinHandle<Result<(), Reason>>,
    limit: Duration,
) -> Result<(), Reason> {
    token.cancel();
    match timeout(limit, &mut handle).await {
        Ok(Ok(result)) => result,
        // Only a runtime that is shutting down takes a task away.
        Ok(Err(_)) => Ok(()),
        Err(_) => {
            handle.abort();
            Err(Reason::Overtime(limit))
        }
    }
}

pub(super) fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
