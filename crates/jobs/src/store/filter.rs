//! Which jobs are meant.

use crate::{JobId, Reason, State};

/// Which jobs are meant: those for which everything holds that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of these names.
    pub ids: Option<Vec<JobId>>,
    /// In this queue.
    pub queue: Option<String>,
    /// Of this kind, whatever the version of its payload.
    pub kind: Option<String>,
    /// In one of these states; any, if there are none.
    pub states: Vec<State>,
    /// Dead for this reason.
    pub reason: Option<Reason>,
    /// From this schedule.
    pub schedule: Option<String>,
    /// Finished before this time.
    pub finished_before: Option<crate::Time>,
}

/// One part of a list, newest job first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only jobs that are older than this one.
    pub after: Option<JobId>,
    /// The most jobs.
    pub limit: usize,
}
