//! J6: workers that are frozen for longer than their leases hold, and come back.

use std::time::Duration;

use atlas_jobs::State;
use crash::jobs::Work;

use super::case::{LEASE, on_every_store};

const JOBS: usize = 4;

on_every_store! {
    in a database
    /// What a frozen worker still says when it is back changes nothing; the jobs are those of whoever took them.
    async fn a_worker_that_was_frozen_changes_nothing_when_it_is_back(case: Case) {
        let job = Work { millis: 1500, whole: true, ..Work::default() };
        case.enqueue(vec![job; JOBS]).await;
        let frozen = case.worker();
        case.written("start", JOBS).await;
        frozen.freeze();
        let _other = case.worker();
        // the other one has taken all of them over, which it may only when the leases had run out
        case.written("start", 2 * JOBS).await;
        tokio::time::sleep(LEASE / 3 + Duration::from_millis(case.below(500))).await;
        frozen.resume();
        let verdict = case.verdict(JOBS).await;
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt, job.crashes, job.fence), (State::Completed, 1, 1, 2), "{job:?}");
            assert_eq!(verdict.effects_of(job), 1, "{job:?}");
        }
    }
}
