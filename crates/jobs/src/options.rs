//! How a job is queued, retried and kept unique.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::Backoff;

/// The queue of a job that names none.
pub const DEFAULT_QUEUE: &str = "default";

/// How a job is queued, retried and kept unique; what is not said is decided by the section `jobs` of the configuration.
///
/// Written down, as a store does it with those of a [schedule](crate::store::ScheduleRecord), they have no back-off: that is
/// decided by the job alone, where it runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) priority: Option<Priority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_attempts: Option<u32>,
    #[serde(skip)]
    pub(crate) backoff: Option<Backoff>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timeout: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unique: Option<Unique>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<Limit>,
}

impl Options {
    /// Nothing said yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The queue it waits in; `default` otherwise. Lower case, digits, `_`, `.` and `-`, at most 100 bytes.
    #[must_use]
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// How urgent it is within its queue; [`Priority::NORMAL`] otherwise.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// How often it may be attempted, at least once; 20 otherwise. Crashes and snoozes are not attempts.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts.max(1));
        self
    }

    /// How long it waits before it is attempted again.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = Some(backoff);
        self
    }

    /// How long an attempt may take; then its cancellation token fires, and after a grace it is ended.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How old it may be when it is retried; older, it is dead.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// At most one of this kind with this key, until it is finished. [`unique_by`](Self::unique_by) says it in full.
    #[must_use]
    pub fn unique(self, key: impl fmt::Display) -> Self {
        self.unique_by(Unique::key(key))
    }

    /// At most one of this kind within a scope.
    #[must_use]
    pub fn unique_by(mut self, unique: Unique) -> Self {
        self.unique = Some(unique);
        self
    }

    /// At most so many at a time, in all processes together.
    #[must_use]
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// These, and where they say nothing, those of `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            queue: self.queue.or(other.queue),
            priority: self.priority.or(other.priority),
            max_attempts: self.max_attempts.or(other.max_attempts),
            backoff: self.backoff.or(other.backoff),
            timeout: self.timeout.or(other.timeout),
            max_age: self.max_age.or(other.max_age),
            unique: self.unique.or(other.unique),
            limit: self.limit.or(other.limit),
        }
    }
}

/// How urgent a job is within its queue: 0 comes first, 9 last.
///
/// A job of a lower priority does not wait for ever: each level counts as one `jobs.ageing` of waiting (30 s), so that a
/// job of priority 8 that is three minutes older than one of priority 2 is as urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Priority(u8);

impl Priority {
    /// 0: before all others.
    pub const URGENT: Self = Self(0);
    /// 2.
    pub const HIGH: Self = Self(2);
    /// 5, when nothing is said.
    pub const NORMAL: Self = Self(5);
    /// 8.
    pub const LOW: Self = Self(8);

    /// The priority of this level; more than 9 counts as 9.
    #[must_use]
    pub const fn new(level: u8) -> Self {
        Self(if level > 9 { 9 } else { level })
    }

    /// Its level, from 0 to 9.
    #[must_use]
    pub const fn level(self) -> u8 {
        self.0
    }
}

impl Default for Priority {
    fn default() -> Self {
        Self::NORMAL
    }
}

/// At most one job of a kind with a key, held by a constraint of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unique {
    pub(crate) key: String,
    pub(crate) until: Until,
    pub(crate) on_conflict: OnConflict,
}

impl Unique {
    /// Unique by this key among the jobs of its kind, until it is finished; a second one is skipped.
    #[must_use]
    pub fn key(key: impl fmt::Display) -> Self {
        Self {
            key: key.to_string(),
            until: Until::Finished,
            on_conflict: OnConflict::Skip,
        }
    }

    /// Sets when the key is free again.
    #[must_use]
    pub fn until(mut self, until: Until) -> Self {
        self.until = until;
        self
    }

    /// Sets what happens to a second one.
    #[must_use]
    pub fn on_conflict(mut self, on_conflict: OnConflict) -> Self {
        self.on_conflict = on_conflict;
        self
    }
}

/// When the key of a unique job is free again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Until {
    /// When a worker starts it, for the first time.
    Started,
    /// When it is completed, cancelled or dead; while it waits for a retry, it holds the key.
    Finished,
    /// When this much time has passed since it was enqueued, whatever became of it.
    Window(Duration),
}

/// What happens to a job whose key another one holds. The caller gets the id of the holder in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnConflict {
    /// It is not enqueued.
    Skip,
    /// The one that waits gets its payload (and the version of that), its time and its priority; one that runs is left as it is.
    Replace,
    /// The one that waits is put off to its time (a debounce), and keeps its payload; one that runs is left as it is.
    Extend,
}

/// At most so many jobs with a key run at a time, in all processes together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    pub(crate) key: String,
    pub(crate) max: u32,
}

impl Limit {
    /// At most `max` jobs (at least one) with this key. Jobs of different kinds that name the same key share it.
    #[must_use]
    pub fn key(key: impl fmt::Display, max: u32) -> Self {
        Self {
            key: key.to_string(),
            max: max.max(1),
        }
    }

    /// The key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.key
    }

    /// How many.
    #[must_use]
    pub fn max(&self) -> u32 {
        self.max
    }
}
