//! Claims of the case's own process, which looks at the clock meanwhile.

use std::{
    fmt,
    time::{Duration, Instant},
};

use atlas_jobs::{
    Failure, FailureKind, Job, JobRecord, Options, Reason,
    store::{Claim, End, Finish, Lease, Share},
};
use serde::{Deserialize, Serialize};

use super::case::Case;

/// How many jobs a claim takes: the places of a worker.
pub(super) const BATCH: usize = 16;

/// A job that no worker knows; it has a queue of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Own;

impl Job for Own {
    const KIND: &'static str = "own";

    fn options(&self) -> Options {
        Options::new().queue(Self::KIND)
    }
}

/// Takes so many jobs of this kind out of this queue.
pub(super) async fn claim(case: &Case, kind: &str, queue: &str, jobs: usize) -> Vec<JobRecord> {
    let claim = Claim {
        worker: "the case".to_owned(),
        kinds: vec![kind.to_owned()],
        queues: vec![Share {
            queue: queue.to_owned(),
            jobs,
        }],
        total: jobs,
        lease: Duration::from_secs(600),
    };
    case.store.claim(&claim).await.unwrap().jobs
}

/// Says what became of jobs.
pub(super) async fn finish(case: &Case, jobs: &[JobRecord], end: impl Fn(usize) -> End) {
    let ends = jobs.iter().enumerate().map(|(index, job)| {
        let end = end(index);
        Finish {
            lease: Lease {
                job: job.id,
                fence: job.fence,
            },
            failure: matches!(end, End::Dead(_)).then(|| failure(job)),
            end,
        }
    });
    case.store.finish(&ends.collect::<Vec<_>>()).await.unwrap();
}

fn failure(job: &JobRecord) -> Failure {
    Failure {
        attempt: job.attempt,
        at: job.created_at,
        kind: FailureKind::Error,
        message: Reason::Failed.name().to_owned(),
        backtrace: None,
        worker: None,
    }
}

/// Takes some jobs out of this queue, ends them, and says how long taking them has taken.
pub(super) async fn time_claim(case: &Case, kind: &str, queue: &str) -> Duration {
    let began = Instant::now();
    let jobs = claim(case, kind, queue, BATCH).await;
    let took = began.elapsed();
    assert_eq!(jobs.len(), BATCH, "there are that many");
    finish(case, &jobs, |_| End::Done).await;
    took
}

/// How long claims have taken.
pub(super) struct Took {
    /// What half of them do not exceed.
    pub(super) p50: Duration,
    /// What 99 of 100 do not exceed.
    pub(super) p99: Duration,
}

impl Took {
    pub(super) fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |of_hundred: usize| all[all.len() * of_hundred / 100];
        Self {
            p50: at(50),
            p99: at(99),
        }
    }
}

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1?} (half of them {:.1?})", self.p99, self.p50)
    }
}
