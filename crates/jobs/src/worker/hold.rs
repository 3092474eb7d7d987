//! The jobs that a worker holds, and how long it may think so.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use crate::{JobRecord, store::Lease};

/// The lease of one job, as this worker knows it.
pub(super) struct Hold {
    pub(super) lease: Lease,
    /// Fires when the handler should end.
    pub(super) token: CancellationToken,
    why: AtomicU8,
    until: Mutex<Instant>,
}

/// Why a handler should end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Why {
    /// It should not.
    Nothing,
    /// The worker stops.
    Stopping,
    /// Somebody called the job off.
    CalledOff,
    /// The job belongs to somebody else by now.
    Lost,
}

impl Hold {
    /// Holds a job that was claimed by a call that began at `asked`.
    pub(super) fn new(record: &JobRecord, asked: Instant, lease: Duration) -> Arc<Self> {
        Arc::new(Self {
            lease: Lease {
                job: record.id,
                fence: record.fence,
            },
            token: CancellationToken::new(),
            why: AtomicU8::new(Why::Nothing as u8),
            until: Mutex::new(asked + lease),
        })
    }

    /// The weightiest reason for the handler to end.
    pub(super) fn why(&self) -> Why {
        match self.why.load(Ordering::Acquire) {
            0 => Why::Nothing,
            1 => Why::Stopping,
            2 => Why::CalledOff,
            _ => Why::Lost,
        }
    }

    /// Tells the handler to end.
    pub(super) fn end(&self, why: Why) {
        self.why.fetch_max(why as u8, Ordering::AcqRel);
        self.token.cancel();
    }

    /// The lease was renewed by a call that began at `asked`.
    pub(super) fn renewed(&self, asked: Instant, lease: Duration) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = asked + lease;
    }

    /// Says whether the job belongs to this worker no more: the store said so, or nobody has renewed the lease in time, as
    /// when the process was stopped meanwhile.
    pub(super) fn is_lost(&self) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if Instant::now() >= until {
            self.end(Why::Lost);
        }
        self.why() == Why::Lost
    }
}

/// All jobs that a worker holds.
#[derive(Default)]
pub(super) struct Holds(Mutex<HashMap<Lease, Arc<Hold>>>);

impl Holds {
    pub(super) fn add(&self, hold: &Arc<Hold>) {
        self.lock().insert(hold.lease, Arc::clone(hold));
    }

    pub(super) fn remove(&self, lease: Lease) {
        self.lock().remove(&lease);
    }

    pub(super) fn all(&self) -> Vec<Arc<Hold>> {
        self.lock().values().cloned().collect()
    }

    /// Tells the handlers of these jobs to end.
    pub(super) fn call_off(&self, leases: &[Lease]) {
        let holds = self.lock();
        for hold in leases.iter().filter_map(|lease| holds.get(lease)) {
            hold.end(Why::CalledOff);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Lease, Arc<Hold>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
