//! What runs jobs: a worker that claims them under leases, or a drain that runs what is due and returns.
//!
//! A [`Worker`] is for services. It runs many jobs at a time, keeps their leases by heartbeats from a thread of its own,
//! records what came of them in batches, takes back what dead workers held, and stops gracefully. A [`Drain`] is for tests:
//! one job after the other in the calling task, and nothing in the background. [`Inline`] lets a drain run jobs where they are
//! enqueued.

mod attempt;
mod claims;
mod drain;
mod finisher;
mod heartbeat;
mod hold;
mod inline;
mod maintenance;
mod panic;
mod places;
mod run;
mod setup;
mod shares;
mod strikes;
mod verdict;

pub use self::{
    drain::{Drain, Drained},
    inline::Inline,
    run::Worker,
};
