//! Jobs in a database.

mod complete;
mod conformance;
pub(crate) mod engines;
mod faults;
mod life;
mod outbox;
mod plans;
mod pooler;
mod transactions;

use std::time::Duration;

use atlas_jobs::{
    JobId, Priority,
    store::{Claim, Claimed, End, Finish, Lease, NewJob, Run, Share, Store},
};

/// Longer than anything takes on a slow machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A job of a kind, for now.
pub(crate) fn job(kind: &str) -> NewJob {
    NewJob {
        id: JobId::generate(),
        kind: kind.to_owned(),
        queue: "default".to_owned(),
        priority: Priority::NORMAL,
        ageing: Duration::from_secs(30),
        payload: b"{}".to_vec(),
        max_attempts: 20,
        run: Run::Now,
        timeout: None,
        max_age: None,
        unique: None,
        limit: None,
        trace: None,
        actor: None,
        schedule: None,
    }
}

/// What a worker asks for that knows these kinds.
pub(crate) fn claim_of(kinds: &[&str], total: usize) -> Claim {
    Claim {
        worker: "worker".to_owned(),
        kinds: kinds.iter().map(ToString::to_string).collect(),
        queues: vec![Share {
            queue: "default".to_owned(),
            jobs: total,
        }],
        total,
        lease: LONG,
    }
}

/// Takes up to so many jobs of a kind.
pub(crate) async fn take(store: &dyn Store, kind: &str, total: usize) -> Claimed {
    store.claim(&claim_of(&[kind], total)).await.unwrap()
}

/// What a worker says of a job that it has run.
pub(crate) fn end(job: &atlas_jobs::JobRecord, end: End) -> Finish {
    Finish {
        lease: Lease {
            job: job.id,
            fence: job.fence,
        },
        end,
        failure: None,
    }
}
