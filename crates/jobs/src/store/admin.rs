//! What operators do to jobs, and the record of it.

use serde::{Deserialize, Serialize};

use super::Filter;
use crate::Time;

/// Who does something to jobs, for the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Who: `user:42`, `cli:anna@host`.
    pub actor: String,
    /// Why, if they said so.
    pub why: Option<String>,
}

impl By {
    /// This actor.
    pub fn new(actor: impl Into<String>) -> Self {
        Self {
            actor: actor.into(),
            why: None,
        }
    }
}

/// One line of the audit: kept with the jobs, and never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// When, by the store's clock.
    pub at: Time,
    /// Who.
    pub actor: String,
    /// What was done: `cancel`, `retry`, `redrive`, `drop`, `edit`, `pause`, `resume`, `schedule.add` and its likes.
    pub action: String,
    /// To what: the id of a job, the name of a queue or of a schedule.
    pub subject: String,
    /// What else there is to say, such as how many jobs a filter met.
    pub detail: Option<String>,
}

/// A change to a job that waits or is dead; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// Its bytes.
    pub payload: Option<Vec<u8>>,
    /// How many attempts it has.
    pub max_attempts: Option<u32>,
    /// Its queue.
    pub queue: Option<String>,
}

/// Which dead jobs come back, and how fast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// Which; only dead ones are met.
    pub filter: Filter,
    /// The most jobs of this call.
    pub limit: usize,
    /// The first of them is available at once, and each further one this much later than the one before: a cap on the rate.
    pub spacing: std::time::Duration,
}
