//! A job as a store keeps it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{JobId, Limit, Priority, Reason, State, Time};

/// A job as a store keeps it. Every time is the store's.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRecord {
    /// Its name.
    pub id: JobId,
    /// Its [kind](crate::Job::KIND), with `@` and the version of its payload if that is not 1: `send_receipt@2`.
    pub kind: String,
    /// The queue it is in.
    pub queue: String,
    /// Where it is on its way.
    pub state: State,
    /// How urgent it is.
    pub priority: Priority,
    /// What it says, as its bytes were enqueued.
    pub payload: Vec<u8>,
    /// How many attempts were begun: neither those that a crash cut short count, nor those that were snoozed or handed
    /// back.
    pub attempt: u32,
    /// How many attempts it has.
    pub max_attempts: u32,
    /// How often the worker that held it died or lost its lease.
    pub crashes: u32,
    /// How often it was snoozed.
    pub snoozes: u32,
    /// Counts its claims. Who holds a lease says which; a lower one is stale, and changes nothing.
    pub fence: u64,
    /// When it was enqueued.
    pub created_at: Time,
    /// When it may run, or might have run.
    pub run_at: Time,
    /// When its latest attempt began.
    pub started_at: Option<Time>,
    /// When it reached a terminal state.
    pub finished_at: Option<Time>,
    /// Until when its worker holds it.
    pub lease_until: Option<Time>,
    /// The worker that holds it, or held it last.
    pub worker: Option<String>,
    /// How long an attempt may take, if whoever enqueued it said so.
    pub timeout: Option<Duration>,
    /// Up to when it may be retried.
    pub expires_at: Option<Time>,
    /// Why it is dead.
    pub reason: Option<Reason>,
    /// Says that somebody called it off while it was running.
    pub cancel_requested: bool,
    /// What its handler last said of its progress, as JSON.
    pub progress: Option<String>,
    /// The key that it holds as the only one.
    pub unique_key: Option<String>,
    /// The limit that it counts against.
    pub limit: Option<Limit>,
    /// What enqueued it, as the header `traceparent` of the W3C.
    pub trace: Option<String>,
    /// On whose behalf it was enqueued.
    pub actor: Option<String>,
    /// The schedule that it came from.
    pub schedule: Option<String>,
}

/// One failed attempt of a job: kept until the job is pruned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The attempt, from 1.
    pub attempt: u32,
    /// When, by the store's clock.
    pub at: Time,
    /// In what way.
    pub kind: FailureKind,
    /// The error and its causes.
    pub message: String,
    /// Where it came from, if that was recorded (`RUST_BACKTRACE=1`, or a panic).
    pub backtrace: Option<String>,
    /// The worker that ran it.
    pub worker: Option<String>,
}

/// In what way an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureKind {
    /// The handler returned an error.
    Error,
    /// The handler panicked.
    Panic,
    /// It took longer than it may.
    TimedOut,
    /// The worker died, or lost its lease.
    Crashed,
    /// The payload is not what the kind takes.
    Undecodable,
}

impl FailureKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Error,
        Self::Panic,
        Self::TimedOut,
        Self::Crashed,
        Self::Undecodable,
    ];

    /// Its name in stores, commands and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Panic => "panic",
            Self::TimedOut => "timed_out",
            Self::Crashed => "crashed",
            Self::Undecodable => "undecodable",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
