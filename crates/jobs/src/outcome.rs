//! What a handler says when it is through.

use std::time::Duration;

use atlas_core::BoxError;

/// What becomes of a job that a handler has run.
///
/// A handler may return this, `()` for done, or a `Result` of either: an error is a failure that is retried after the
/// job's back-off.
#[derive(Debug)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It failed, and is tried again after this wait instead of its back-off, as `Retry-After` of a server may say.
    RetryAfter(Duration, BoxError),
    /// It failed, and is tried again after its back-off.
    Retry(BoxError),
    /// It is not time yet: it is run again after this wait, and no attempt is used.
    Snooze(Duration),
    /// It is not needed any more.
    Cancel(String),
    /// It failed, and no retry can help: it is dead.
    Fail(BoxError),
}

impl Outcome {
    /// Tried again after this wait.
    pub fn retry_after(wait: Duration, error: impl Into<BoxError>) -> Self {
        Self::RetryAfter(wait, error.into())
    }

    /// Tried again after the job's back-off.
    pub fn retry(error: impl Into<BoxError>) -> Self {
        Self::Retry(error.into())
    }

    /// Dead at once.
    pub fn fail(error: impl Into<BoxError>) -> Self {
        Self::Fail(error.into())
    }

    /// Not needed any more, for this reason.
    pub fn cancel(reason: impl Into<String>) -> Self {
        Self::Cancel(reason.into())
    }
}

/// What a handler may return.
#[diagnostic::on_unimplemented(
    message = "a job's handler cannot return `{Self}`",
    label = "neither an `Outcome`, nor `()`, nor a `Result` of either",
    note = "return `Outcome`, `()`, `Result<(), E>` or `Result<Outcome, E>` with any error"
)]
pub trait IntoOutcome {
    /// What becomes of the job.
    fn into_outcome(self) -> Outcome;
}

impl IntoOutcome for Outcome {
    fn into_outcome(self) -> Outcome {
        self
    }
}

impl IntoOutcome for () {
    fn into_outcome(self) -> Outcome {
        Outcome::Done
    }
}

impl<T: IntoOutcome, E: Into<BoxError>> IntoOutcome for Result<T, E> {
    fn into_outcome(self) -> Outcome {
        match self {
            Ok(value) => value.into_outcome(),
            Err(error) => Outcome::Retry(error.into()),
        }
    }
}
