//! What goes into a store.

use std::time::Duration;

use crate::{JobId, Limit, OnConflict, Priority, State, Time, Until};

/// A job on its way into a store, checked and complete.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// Its name. A job of this name that is there already is left as it is, and told as [`Enqueued::Existing`].
    pub id: JobId,
    /// Its kind, with the version of its payload as in [`JobRecord::kind`](crate::JobRecord::kind).
    pub kind: String,
    /// Its queue.
    pub queue: String,
    /// How urgent it is.
    pub priority: Priority,
    /// What one level of priority counts for: see [`Priority`].
    pub ageing: Duration,
    /// Its bytes.
    pub payload: Vec<u8>,
    /// How many attempts it has.
    pub max_attempts: u32,
    /// When it may run.
    pub run: Run,
    /// How long an attempt may take.
    pub timeout: Option<Duration>,
    /// How long from now it may be retried.
    pub max_age: Option<Duration>,
    /// What it holds as the only one.
    pub unique: Option<UniqueKey>,
    /// What it counts against.
    pub limit: Option<Limit>,
    /// What enqueues it, as `traceparent`.
    pub trace: Option<String>,
    /// On whose behalf.
    pub actor: Option<String>,
    /// The schedule that it comes from.
    pub schedule: Option<String>,
}

/// When a new job may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// At once.
    Now,
    /// After this much time of the store's clock.
    In(Duration),
    /// At this time of the store's clock; at once if that has passed.
    At(Time),
}

/// The key of a unique job, as stores compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueKey {
    /// The kind, a colon and the key: at most 255 bytes.
    pub key: String,
    /// When it is free again.
    pub until: Until,
    /// What happens to a second job.
    pub on_conflict: OnConflict,
}

/// What became of a job that was enqueued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It is there, in this state.
    New(JobId, State),
    /// There was a job of this name or with this key, and it is left as it is.
    Existing(JobId),
    /// There was a job with this key, and it was replaced or put off.
    Changed(JobId),
}

impl Enqueued {
    /// The job that is there now.
    #[must_use]
    pub const fn id(self) -> JobId {
        match self {
            Self::New(id, _) | Self::Existing(id) | Self::Changed(id) => id,
        }
    }

    /// Says whether it is a new one.
    #[must_use]
    pub const fn is_new(self) -> bool {
        matches!(self, Self::New(..))
    }
}
