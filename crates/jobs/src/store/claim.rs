//! Taking jobs out to run them, and keeping hold of them.

use std::time::Duration;

use crate::{JobId, JobRecord, Time};

/// What a worker asks for.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Who asks: unique to a process, told in [`JobRecord::worker`].
    pub worker: String,
    /// The kinds that it can run, as in [`JobRecord::kind`]. Jobs of others are left alone.
    pub kinds: Vec<String>,
    /// The queues, in the order in which they are asked, and how many each may give at first. What is left of `total` after
    /// one round is taken in the same order without those bounds. Paused queues give none.
    pub queues: Vec<Share>,
    /// The most jobs in all.
    pub total: usize,
    /// For how long the leases hold unless they are renewed.
    pub lease: Duration,
}

/// How many jobs a queue gives at first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The queue.
    pub queue: String,
    /// How many.
    pub jobs: usize,
}

/// What a worker got.
#[derive(Clone, Debug, Default)]
pub struct Claimed {
    /// The jobs, most urgent first, each running under the fence it says.
    pub jobs: Vec<JobRecord>,
    /// When the next job of these queues is due that only waits for its time: how long from now. `None` if there is none.
    pub next_due: Option<Duration>,
    /// The time of the store's clock.
    pub now: Option<Time>,
}

/// The right to run one job: it, and the count of its claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// [`JobRecord::fence`] of the claim.
    pub fence: u64,
}

/// What a store says of a lease that was to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulse {
    /// It is renewed.
    Kept,
    /// It is renewed, and somebody has called the job off.
    Cancel,
    /// It is lost: the job belongs to somebody else, or to nobody.
    Lost,
}

/// A job whose lease had run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// The job.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// Its queue.
    pub queue: String,
    /// How many crashes it has had.
    pub crashes: u32,
    /// Whether that was one too many, so that it is dead.
    pub dead: bool,
    /// Who had held it.
    pub worker: Option<String>,
    /// How long ago its lease had run out.
    pub overdue: Duration,
}
