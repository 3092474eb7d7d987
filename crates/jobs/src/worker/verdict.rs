//! From what a handler said to what the store is told.

use std::{error::Error as StdError, sync::Arc, time::Duration};

use atlas_core::BoxError;

use super::{hold::Why, panic::Panic, setup::Setup};
use crate::{
    Backoff, Failure, FailureKind, JobRecord, Outcome, Reason, Time,
    clock::later,
    store::{End, Finish, Lease},
};

/// How a run ended.
pub(super) enum Ended {
    /// The handler returned.
    Returned(Outcome),
    /// It panicked.
    Panicked(Panic),
    /// It was ended, because it went on when it was told not to.
    Aborted,
}

/// Judges the runs of one job.
pub(super) struct Judge<'a> {
    pub(super) setup: &'a Setup,
    pub(super) record: &'a Arc<JobRecord>,
    pub(super) backoff: Backoff,
}

impl Judge<'_> {
    /// What the store is told of a run that took too long (`late`), or was told to end for a reason.
    pub(super) async fn judge(&self, ended: Ended, late: Option<Duration>, why: Why) -> Finish {
        match (ended, late, why) {
            // what is done is done, however late
            (Ended::Returned(Outcome::Done), _, _) => self.finish(End::Done, None),
            (Ended::Panicked(panic), _, _) => {
                let failure = self.failure(FailureKind::Panic, panic.message, panic.backtrace);
                self.retry(failure, None).await
            }
            (Ended::Aborted | Ended::Returned(Outcome::Retry(_)), _, Why::CalledOff) => {
                self.finish(End::Cancelled("called off while it ran".to_owned()), None)
            }
            (Ended::Aborted | Ended::Returned(Outcome::Retry(_)), Some(limit), _) => {
                let words = format!("the attempt took longer than {limit:?}");
                let failure = self.failure(FailureKind::TimedOut, words, None);
                self.retry(failure, None).await
            }
            (Ended::Aborted, _, _) | (Ended::Returned(Outcome::Retry(_)), _, Why::Stopping) => {
                self.finish(End::HandBack, None)
            }
            (Ended::Returned(outcome), _, _) => self.outcome(outcome).await,
        }
    }

    /// What the store is told of a payload that cannot be read.
    pub(super) fn undecodable(&self, error: &BoxError) -> Finish {
        let failure = self.failure(FailureKind::Undecodable, chain(&**error), None);
        self.finish(End::Dead(Reason::Undecodable), Some(failure))
    }

    /// Ends the run like this.
    pub(super) fn finish(&self, end: End, failure: Option<Failure>) -> Finish {
        Finish {
            lease: Lease {
                job: self.record.id,
                fence: self.record.fence,
            },
            end,
            failure,
        }
    }

    async fn outcome(&self, outcome: Outcome) -> Finish {
        let failed = |error: BoxError| self.failure(FailureKind::Error, chain(&*error), None);
        match outcome {
            Outcome::Done => self.finish(End::Done, None),
            Outcome::Snooze(wait) => self.finish(End::Snooze(wait), None),
            Outcome::Cancel(reason) => self.finish(End::Cancelled(reason), None),
            Outcome::Fail(error) => self.finish(End::Dead(Reason::Failed), Some(failed(error))),
            Outcome::Retry(error) => self.retry(failed(error), None).await,
            Outcome::RetryAfter(wait, error) => self.retry(failed(error), Some(wait)).await,
        }
    }

    async fn retry(&self, failure: Failure, wait: Option<Duration>) -> Finish {
        let record = self.record;
        if record.attempt >= record.max_attempts {
            return self.finish(End::Dead(Reason::Exhausted), Some(failure));
        }
        let wait = wait.unwrap_or_else(|| self.backoff.wait(record.attempt, fastrand::f64()));
        let end = match record.expires_at {
            Some(last) if later(self.now().await, wait) > last => End::Dead(Reason::Expired),
            _ => End::Retry(wait),
        };
        self.finish(end, Some(failure))
    }

    /// The store's time; when it does not answer, the last that it told.
    async fn now(&self) -> Time {
        let told = self.setup.store.now().await;
        told.unwrap_or(self.record.started_at.unwrap_or(self.record.created_at))
    }

    fn failure(&self, kind: FailureKind, message: String, backtrace: Option<String>) -> Failure {
        Failure {
            attempt: self.record.attempt,
            at: self.record.started_at.unwrap_or(self.record.created_at),
            kind,
            message,
            backtrace,
            worker: Some(self.setup.name.clone()),
        }
    }
}

/// An error and its causes, in one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        source = cause.source();
    }
    text
}
