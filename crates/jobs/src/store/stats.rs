//! How many jobs there are.

use std::{collections::BTreeMap, time::Duration};

use crate::{State, Time};

/// How many jobs there are, in all queues.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// The time of the store's clock.
    pub now: Time,
    /// The queues that have jobs, or are paused, by name.
    pub queues: BTreeMap<String, QueueStats>,
}

/// How many jobs a queue has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueStats {
    /// By state. Terminal ones only as long as they are kept, and only when they were asked for.
    pub jobs: BTreeMap<State, u64>,
    /// How long the oldest job has been available.
    pub oldest: Option<Duration>,
    /// Nothing is claimed from it.
    pub paused: bool,
}
