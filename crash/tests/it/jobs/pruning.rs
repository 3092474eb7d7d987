//! J28: many old jobs go while others work.

use std::{cell::Cell, sync::Arc, time::Duration};

use atlas_jobs::{
    Job, Reason, State, Time,
    store::{By, End, Filter},
};
use crash::jobs::Work;
use tokio::time::sleep;

use super::{
    case::{Case, on_every_store, soaks},
    load::Load,
    probe::{BATCH, Own, Took, claim, finish, time_claim},
};

/// How many jobs are old enough to go, in CI and in a soak.
const OLD: [usize; 2] = [20_000, 1_000_000];
/// How many are not.
const YOUNG: usize = 300;
/// How much later these have ended.
const GAP: Duration = Duration::from_secs(3);
/// The most that a worker drops in one call.
const STEP: usize = 500;

/// Adds so many jobs that have come to an end: of ten, one is dead, one is cancelled, the others are completed.
async fn fill(case: &Case, jobs: usize) {
    let mut left = jobs;
    while left > 0 {
        let some = left.min(2_000);
        left -= some;
        case.enqueue(vec![Own; some]).await;
        let jobs = claim(case, Own::KIND, Own::KIND, some).await;
        assert_eq!(jobs.len(), some);
        let end = |index: usize| match index % 10 {
            0 => End::Dead(Reason::Failed),
            1 => End::Cancelled("not needed".to_owned()),
            _ => End::Done,
        };
        finish(case, &jobs, end).await;
    }
}

/// Drops all that ended before this moment, as a worker does with what it has kept for long enough. Says how many that were.
async fn prune(case: &Case, before: Time) -> usize {
    let mut dropped = 0;
    for state in [State::Completed, State::Cancelled, State::Dead] {
        loop {
            let now = case.store.now().await.unwrap();
            let age = (now - before).to_std().unwrap();
            let some = case.store.prune(state, age, STEP).await.unwrap();
            dropped += usize::try_from(some).unwrap();
            if some < STEP as u64 {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
    dropped
}

/// Enqueues some jobs, and times how they are taken.
async fn time_one(case: &Case) -> Duration {
    case.enqueue(vec![Own; BATCH]).await;
    time_claim(case, Own::KIND, Own::KIND).await
}

on_every_store! {
    once
    /// What is old enough goes, all of it and nothing else, and nobody who works is kept waiting for long.
    async fn only_what_is_old_enough_goes_while_others_work(case: Case) {
        let old = OLD[usize::from(soaks())];
        fill(case, old).await;
        let filled = case.store.now().await.unwrap();
        sleep(GAP).await;
        fill(case, YOUNG).await;
        let _workers = [case.worker(), case.worker()];
        let load = Load::start(Arc::clone(&case.store), Work { millis: 5, ..Work::default() });
        case.written("end", 5).await;
        let (mut alone, mut beside) = (Vec::new(), Vec::new());
        for _ in 0..(if soaks() { 500 } else { 20 }) {
            alone.push(time_one(case).await);
        }
        let over = Cell::new(false);
        let pruning = async {
            let dropped = prune(case, filled + GAP / 2).await;
            over.set(true);
            dropped
        };
        let timing = async {
            while !over.get() {
                beside.push(time_one(case).await);
            }
        };
        let (dropped, ()) = tokio::join!(pruning, timing);
        assert_eq!(dropped, old, "all of it, and nothing else");
        let (acknowledged, _) = load.end().await;
        drop_own(case, alone.len() + beside.len()).await;
        let (alone, beside) = (Took::of(alone), Took::of(beside));
        println!("{}: claim p99 {alone}, while {old} rows are dropped {beside}", case.store.name());
        assert!(!soaks() || beside.p99 <= alone.p99 * 2, "a claim took {beside}, and {alone} before");
        let verdict = case.verdict(acknowledged).await;
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt), (State::Completed, 1), "{job:?}");
        }
    }
}

/// Drops what is left of the case's own jobs, so that only those of the workers are there: the young ones, and those that were
/// timed.
async fn drop_own(case: &Case, timed: usize) {
    let left = [
        (State::Completed, YOUNG / 10 * 8 + timed * BATCH),
        (State::Cancelled, YOUNG / 10),
        (State::Dead, YOUNG / 10),
    ];
    for (state, jobs) in left {
        let of_state = Filter {
            kind: Some(Own::KIND.to_owned()),
            states: vec![state],
            ..Filter::default()
        };
        let by = By::new("case");
        let dropped = case
            .store
            .discard(&of_state, 10_000_000, &by)
            .await
            .unwrap();
        assert_eq!(dropped, jobs as u64, "{state:?} and young");
    }
}
