//! What the configuration allows an engine.

use std::time::Duration;

use crate::{config::Durability, pool::Limits};

/// What the configuration allows an engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The bounds of its pools.
    pub(crate) limits: Limits,
    /// How long a statement waits for a lock that another process or transaction holds.
    pub(crate) lock_timeout: Duration,
    /// What a commit waits for.
    pub(crate) durability: Durability,
    /// How many prepared statements each connection keeps.
    pub(crate) statement_cache: usize,
}
