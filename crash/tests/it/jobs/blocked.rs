//! J8: a handler that awaits nothing.

use atlas_jobs::State;
use crash::jobs::Work;

use super::case::{LEASE, on_every_store};

on_every_store! {
    once
    /// It keeps the only thread of its runtime busy for five leases, runs once, and is warned of.
    async fn a_handler_that_blocks_its_runtime_runs_once_and_is_warned_of(case: Case) {
        let millis = u64::try_from((LEASE * 5).as_millis()).unwrap();
        case.enqueue(vec![Work { millis, spin: true, ..Work::default() }]).await;
        let _blocked = case.worker_of_one_thread();
        case.written("start", 1).await;
        // somebody who would take it, if its lease ran out
        let _other = case.worker();
        let verdict = case.verdict(1).await;
        let job = &verdict.jobs[0];
        assert_eq!((job.state, job.attempt, job.crashes, job.fence), (State::Completed, 1, 0, 1), "{job:?}");
        assert_eq!(verdict.effects_of(job), 1);
        assert!(case.logs().contains("blocked runtime"), "nobody was warned\n{}", case.logs());
    }
}
