//! Jobs whose next crash is their last.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::JobRecord;

/// For how long such a job is put off when the worker has one already.
pub(super) const PUT_OFF: Duration = Duration::from_secs(1);

/// Keeps a worker from holding two jobs whose next crash is their last.
///
/// Whoever dies takes all of its jobs with it, and nobody can tell which one it was; so each of them has a crash more. Two
/// that were both there each time would both be dead in the end, although one did nothing. Apart from each other, the next
/// crash meets the one that is to blame, and the other one is completed.
pub(super) struct Strikes {
    limit: u32,
    last: Arc<Semaphore>,
}

/// What is to be done with a job that was claimed.
pub(super) enum Strike {
    /// It may run.
    Harmless,
    /// It may run, and no other one like it while this is held.
    Last(#[allow(dead_code, reason = "held, not read")] OwnedSemaphorePermit),
    /// It has to wait: the worker has one already.
    PutOff,
}

impl Strikes {
    /// For a crash limit; one of 1 leaves nothing to tell apart.
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit,
            last: Arc::new(Semaphore::new(1)),
        }
    }

    pub(super) fn of(&self, record: &JobRecord) -> Strike {
        if record.crashes == 0 || record.crashes.saturating_add(1) < self.limit {
            return Strike::Harmless;
        }
        match Arc::clone(&self.last).try_acquire_owned() {
            Ok(permit) => Strike::Last(permit),
            Err(_) => Strike::PutOff,
        }
    }
}
