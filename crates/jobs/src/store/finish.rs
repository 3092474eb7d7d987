//! What a worker says of a job that it has run.

use std::time::Duration;

use super::Lease;
use crate::{Failure, Reason};

/// The end of one run.
#[derive(Clone, Debug)]
pub struct Finish {
    /// Whose.
    pub lease: Lease,
    /// What comes next.
    pub end: End,
    /// What went wrong, to be kept; its time is set by the store.
    pub failure: Option<Failure>,
}

/// What comes next for a job that was run.
///
/// A job that was called off while it ran does not come back: what would let it wait again makes it cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It is completed.
    Done,
    /// It is attempted again after this wait.
    Retry(Duration),
    /// It is run again after this wait, and the attempt does not count.
    Snooze(Duration),
    /// It is available again at once, where it stood before, and the attempt does not count: the worker stops.
    HandBack,
    /// It is cancelled, for this reason, which the audit keeps under the worker's name.
    Cancelled(String),
    /// It is dead.
    Dead(Reason),
}

/// What a store makes of the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is recorded.
    Applied,
    /// The lease was not the present one: nothing has changed.
    Stale,
}
