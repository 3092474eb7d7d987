//! Asking an app to end, and learning that it does.

use std::{
    error::Error,
    fmt,
    future::Future,
    sync::{Arc, OnceLock},
};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Phase, Phases, Signal, reason::Reason};

/// Why an app ends.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The process was told to by a signal.
    Signal(Signal),
    /// Someone called [`Shutdown::request`] with this exit code, or [`Running::stop`](crate::Running::stop) (code 0).
    Requested(u8),
    /// A task ended before it was told to stop.
    TaskEnded {
        /// The task's name.
        task: Arc<str>,
        /// What it failed with; `None` when it just returned.
        error: Option<Arc<dyn Error + Send + Sync>>,
    },
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal(signal) => write!(f, "{signal}"),
            Self::Requested(code) => write!(f, "a request with exit code {code}"),
            Self::TaskEnded { task, error: None } => {
                write!(f, "{task} ended before it was told to stop")
            }
            Self::TaskEnded {
                task,
                error: Some(error),
            } => write!(f, "{task} {}", Reason::Shared(Arc::clone(error))),
        }
    }
}

/// The app's shutdown: to ask for it, or to learn of it. An argument of a constructor, and what a task gets.
///
/// What a constructor gets is triggered as soon as the app is about to stop; what a task gets
/// ([`Lifecycle::spawn`](crate::Lifecycle::spawn)) is triggered when its turn comes, after all that depend on it have
/// stopped.
#[derive(Clone)]
pub struct Shutdown {
    core: Arc<Core>,
    token: CancellationToken,
}

impl Shutdown {
    pub(super) fn new(core: Arc<Core>, token: CancellationToken) -> Self {
        Self { core, token }
    }

    /// Waits until it is time to stop. The future owns all it needs, so it can be handed on.
    pub fn triggered(&self) -> impl Future<Output = ()> + Send + use<> {
        self.token.clone().cancelled_owned()
    }

    /// Whether it is time to stop.
    pub fn is_triggered(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Why the app ends, once it does.
    pub fn cause(&self) -> Option<Cause> {
        self.core.cause()
    }

    /// Ends the app; the process exits with `code`. The first request wins.
    pub fn request(&self, code: u8) {
        self.core.end(Cause::Requested(code));
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown")
            .field("triggered", &self.is_triggered())
            .field("cause", &self.cause())
            .finish()
    }
}

/// What all parts of one app share: why and whether it ends.
#[derive(Debug)]
pub(crate) struct Core {
    cause: OnceLock<Cause>,
    token: CancellationToken,
    phase: watch::Sender<Phase>,
}

impl Core {
    pub(crate) fn new() -> Arc<Self> {
        let phase = watch::Sender::new(Phase::Starting);
        Arc::new(Self {
            cause: OnceLock::new(),
            token: CancellationToken::new(),
            phase,
        })
    }

    pub(crate) fn cause(&self) -> Option<Cause> {
        self.cause.get().cloned()
    }

    /// Makes the app end; only the first cause counts.
    pub(crate) fn end(&self, cause: Cause) {
        if self.cause.set(cause).is_ok() {
            self.token.cancel();
        }
    }

    pub(crate) fn shutdown(self: &Arc<Self>) -> Shutdown {
        Shutdown::new(Arc::clone(self), self.token.clone())
    }

    pub(crate) fn phases(&self) -> Phases {
        Phases::new(self.phase.subscribe())
    }

    /// Publishes a phase; `send_replace`, because `send` does nothing while no one listens.
    pub(super) fn enter(&self, phase: Phase) {
        self.phase.send_replace(phase);
        tracing::debug!(target: "atlas::lifecycle", event = "phase", phase = ?phase);
    }

    /// Publishes the end of an app that was dropped, unless it has stopped.
    pub(super) fn leave(&self) {
        if *self.phase.borrow() < Phase::Stopping {
            self.enter(Phase::Stopping);
        }
    }

    /// Waits until the app is to end, and says why.
    pub(crate) async fn ended(&self) -> Cause {
        self.token.cancelled().await;
        self.cause()
            .expect("the cause is set before the token is fired")
    }
}
