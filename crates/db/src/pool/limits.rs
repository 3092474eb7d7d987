//! How many connections a pool may have, and how long things may take.

use std::time::{Duration, Instant};

/// The bounds of a pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The most connections open at once; at least one.
    pub(crate) connections: u32,
    /// How long a caller waits for a connection.
    pub(crate) acquire_timeout: Duration,
    /// How long opening a connection may take.
    pub(crate) connect_timeout: Duration,
    /// A connection at rest for longer is dropped; `None` keeps it.
    pub(crate) idle_timeout: Option<Duration>,
    /// A connection older than this is dropped once it is back; `None` keeps it.
    pub(crate) max_lifetime: Option<Duration>,
    /// How long the answer to a statement may take; `None` waits for ever.
    pub(crate) statement_timeout: Option<Duration>,
    /// A connection at rest for longer is asked for a sign of life before it is lent; `None` trusts it.
    pub(crate) ping_after: Option<Duration>,
    /// How long a sign of life may take, before a connection counts as dead; `None` waits for ever.
    pub(crate) recover_timeout: Option<Duration>,
}

impl Limits {
    /// Says whether a connection may still be used.
    pub(super) fn is_fresh(&self, born: Instant, resting_since: Instant, now: Instant) -> bool {
        let within = |limit: Option<Duration>, from: Instant| {
            limit.is_none_or(|limit| now.duration_since(from) <= limit)
        };
        within(self.max_lifetime, born) && within(self.idle_timeout, resting_since)
    }
}
