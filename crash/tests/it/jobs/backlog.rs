//! J32: many jobs wait.

use std::time::{Duration, Instant};

use atlas_jobs::{Job, State};
use crash::jobs::{PLACES, Work};

use super::{
    case::{Case, on_every_store, soaks},
    probe::{BATCH, Took, time_claim},
};

/// How many jobs wait at first.
const FEW: usize = 1_000;

/// How many wait then.
fn many(case: &Case) -> usize {
    match (case.store.name(), soaks()) {
        (_, false) => 5_000,
        ("sqlite", true) => 200_000,
        (_, true) => 1_000_000,
    }
}

/// How long a worker is watched while it works, and what of that is its beginning.
fn watched() -> (Duration, Duration) {
    let seconds = |it| Duration::from_secs(it);
    if soaks() {
        (seconds(60), seconds(10))
    } else {
        (seconds(2), seconds(1))
    }
}

/// Takes jobs again and again, as many as come anew, and says how long that takes.
async fn claims(case: &Case) -> Took {
    let (mut took, times) = (Vec::new(), if soaks() { 500 } else { 40 });
    for _ in 0..times {
        took.push(time_claim(case, Work::KIND, "default").await);
        case.enqueue(vec![Work::default(); BATCH]).await;
    }
    Took::of(took)
}

/// How many jobs wait.
async fn waiting(case: &Case) -> usize {
    let stats = case.store.stats(false).await.unwrap();
    let of_queue = &stats.queues["default"].jobs;
    usize::try_from(of_queue[&State::Available]).unwrap()
}

on_every_store! {
    once
    /// Jobs are taken as fast as from a short queue, and a worker needs no more memory for them.
    async fn a_long_queue_is_worked_on_as_a_short_one(case: Case) {
        let (name, many) = (case.store.name(), many(case));
        case.enqueue(vec![Work::default(); FEW]).await;
        let before = claims(case).await;
        case.enqueue(vec![Work::default(); many - FEW]).await;
        let beside = claims(case).await;
        assert_eq!(waiting(case).await, many);
        println!("{name}: claim p99 {before} of {FEW} jobs, {beside} of {many}");
        assert!(!soaks() || beside.p99 <= before.p99 * 3, "a claim took {beside}, and {before} of a short queue");
        let worker = case.service([(PLACES, "16")]);
        case.written("end", 100).await;
        let (began, (long, beginning)) = (Instant::now(), watched());
        let mut memory = Vec::new();
        while began.elapsed() < long {
            tokio::time::sleep(Duration::from_millis(250)).await;
            if began.elapsed() > beginning {
                memory.push(worker.memory().unwrap());
            }
        }
        let (least, most) = (memory.iter().min().unwrap(), memory.iter().max().unwrap());
        println!("{name}: the worker has {least} to {most} KiB, and {} jobs wait", waiting(case).await);
        assert!(!soaks() || most * 10 <= least * 12, "{memory:?}");
        assert!(waiting(case).await < many, "it works");
    }
}
