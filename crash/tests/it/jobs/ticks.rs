//! S1, S2, S7: schedulers that are killed, frozen, and die in the middle of a tick.

use std::time::Duration;

use atlas_jobs::{
    JobRecord,
    store::{Filter, Page},
};
use crash::jobs::TICKS;

use super::case::{Case, LEASE, PATIENCE, on_every_store};

/// How many ticks a case has, in CI and in a soak.
const FEW: (usize, usize) = (8, 1_000);

fn ticks() -> usize {
    match std::env::var_os("CRASH_SOAK") {
        Some(_) => FEW.1,
        None => FEW.0,
    }
}

/// The second of each tick that has a job, in order: the name of a job begins with the time of its tick.
pub(super) async fn fired(case: &Case) -> Vec<i64> {
    let page = Page {
        after: None,
        limit: 5_000,
    };
    let jobs = case.store.list(&Filter::default(), page).await.unwrap();
    let of_schedule = jobs
        .iter()
        .filter(|it| it.schedule.as_deref() == Some(TICKS));
    let mut seconds: Vec<i64> = of_schedule.map(second).collect();
    seconds.sort_unstable();
    seconds
}

/// The second of the tick that a job is of.
pub(super) fn second(job: &JobRecord) -> i64 {
    let hex: String = job.id.to_string().replace('-', "")[..12].to_owned();
    i64::from_str_radix(&hex, 16).unwrap() / 1000
}

/// Waits for so many ticks.
pub(super) async fn reaches(case: &Case, ticks: usize) {
    let said = format!("{ticks} ticks have fired");
    case.eventually(&said, async || fired(case).await.len() >= ticks)
        .await;
}

/// Holds what was fired against what must have been: one job for each second from the first tick to the last, and the tick
/// after that is the next one.
pub(super) async fn judge(case: &Case) {
    let schedules = case.store.schedules().await.unwrap();
    let next = schedules[0].next_tick.unwrap().timestamp();
    // the record was read first: what has fired since may only be more
    let fired: Vec<i64> = fired(case)
        .await
        .into_iter()
        .filter(|it| *it < next)
        .collect();
    let wanted: Vec<i64> = (fired[0]..next).collect();
    assert_eq!(fired, wanted, "{}", case.logs());
}

on_every_store! {
    /// S1: of five schedulers one after the other is killed, and each tick has one job.
    async fn each_tick_has_one_job_whichever_scheduler_is_killed(case: Case) {
        let mut schedulers: Vec<_> = (0..5).map(|_| case.scheduler(None)).collect();
        for round in 1..=ticks() / 2 {
            reaches(case, round * 2 - 1).await;
            tokio::time::sleep(Duration::from_millis(case.below(1000))).await;
            let victim = usize::try_from(case.below(5)).unwrap();
            schedulers[victim].kill();
            schedulers[victim] = case.scheduler(None);
        }
        reaches(case, ticks()).await;
        judge(case).await;
    }
}

on_every_store! {
    once
    /// S2: a scheduler that was frozen, and comes back while another fires, fires nothing again.
    async fn a_scheduler_that_was_frozen_fires_nothing_twice(case: Case) {
        let frozen = case.scheduler(None);
        reaches(case, 2).await;
        frozen.freeze();
        let _other = case.scheduler(None);
        reaches(case, 4).await;
        tokio::time::sleep(LEASE).await;
        frozen.resume();
        let soon = fired(case).await.len() + 3;
        reaches(case, soon).await;
        judge(case).await;
    }
}

on_every_store! {
    once
    /// S7: a scheduler that dies before or after a tick is recorded leaves the tick and its job both, or neither.
    async fn a_tick_and_its_job_are_one(case: Case) {
        for step in ["fire.before", "fire.after"] {
            let before = fired(case).await.len();
            let mut first = case.scheduler(Some((step, 2)));
            let ended = tokio::task::block_in_place(|| first.wait(PATIENCE));
            assert!(!ended.unwrap().status.success(), "it did not die at {step}");
            judge(case).await;
            let _second = case.scheduler(None);
            reaches(case, before + 4).await;
            judge(case).await;
        }
    }
}
