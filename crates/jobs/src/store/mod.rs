//! Where jobs are kept: the port that every store implements, and what goes over it.
//!
//! A store is a state machine with a clock. It knows nothing of handlers or of Rust types; whatever moves a job is one
//! atomic call. What a call means is the same in every store: the suite of the feature `conformance` proves it.
//!
//! - Its clock rules: waits are given as spans, and it makes times of them.
//! - A lease is a job and the [fence](crate::JobRecord::fence) of its claim. Each call about a lease changes something
//!   only while the job is running under that very fence.
//! - Errors are typed, and every call ends within bounded time.

mod admin;
mod claim;
mod enqueue;
mod features;
mod filter;
mod finish;
mod port;
mod schedule;
mod stats;
mod wake;

pub use self::{
    admin::{Audit, By, Edit, Redrive},
    claim::{Claim, Claimed, Lease, Pulse, Rescued, Share},
    enqueue::{Enqueued, NewJob, Run, UniqueKey},
    features::{Features, Transactions},
    filter::{Filter, Page},
    finish::{End, Finish, Verdict},
    port::Store,
    schedule::{Fire, Misfire, ScheduleRecord, Tick},
    stats::{QueueStats, Stats},
    wake::{Signal, Wake},
};
