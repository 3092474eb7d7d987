//! J6: workers that are frozen for longer than their leases hold, and come back.

use std::time::Duration;

use atlas_jobs::State;
use crash::{jobs::Work, now};

use super::case::{Case, HEARTBEAT, LEASE, on_every_store};

const JOBS: usize = 4;

on_every_store! {
    /// What a frozen worker still says when it is back changes nothing; the jobs are those of whoever took them. Handlers that
    /// go on are told within a heartbeat, and each run is said to be late. What an effect in the transaction of its job cannot
    /// be, one beside it may: there twice, if its handler was faster than what tells it.
    async fn a_worker_that_was_frozen_changes_nothing_when_it_is_back(case: Case) {
        let whole = case.is_database();
        // the time of two is over when the worker is back, the others go on for ever
        let over = Work { millis: 1500, whole, ..Work::default() };
        let endless = Work { first: 600_000, ..over.clone() };
        case.enqueue(vec![over.clone(), over, endless.clone(), endless]).await;
        let frozen = case.worker();
        case.written("start", JOBS).await;
        frozen.freeze();
        let _other = case.worker();
        // the other one has taken all of them over, which it may only when the leases had run out
        case.written("start", 2 * JOBS).await;
        tokio::time::sleep(LEASE / 3 + Duration::from_millis(case.below(500))).await;
        let resumed = now();
        frozen.resume();
        let verdict = case.verdict(JOBS).await;
        case.eventually("it has said of each run that it is late", async || late(case) >= JOBS).await;
        assert_eq!(late(case), JOBS, "{}", case.logs());
        let lines = case.lines();
        let told = lines.iter().filter(|it| it.what == "told" && it.pid == frozen.id());
        let told: Vec<_> = told.collect();
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt, job.crashes, job.fence), (State::Completed, 1, 1, 2), "{job:?}");
            let told = told.iter().find(|it| it.item == job.id.to_string());
            let work: Work = serde_json::from_slice(&job.payload).unwrap();
            if work.first > 0 {
                let took = Duration::from_micros(told.unwrap().at - resumed);
                assert!(took <= HEARTBEAT, "a handler was told after {took:?}");
            }
            let most = if whole || told.is_some() { 1 } else { 2 };
            assert!((1..=most).contains(&verdict.effects_of(job)), "{job:?}: {:?}", verdict.effects);
        }
    }
}

/// How many runs were said to be late: as they ended, or as their end was recorded. Each of these is counted in
/// `atlas_jobs_stale_completions_total`.
fn late(case: &Case) -> usize {
    let logs = case.logs();
    let of = |words: &str| logs.matches(words).count();
    of("the lease was lost while the job ran") + of("a late completion was refused")
}
