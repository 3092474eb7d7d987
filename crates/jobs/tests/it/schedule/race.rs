//! Many schedulers, one job a tick.

use std::{sync::Arc, time::Duration};

use atlas_jobs::{MemoryStore, clock::TestClock, store::Store};
use tokio::task::JoinSet;

use super::{Process, nightly};

#[tokio::test]
async fn five_schedulers_fire_a_thousand_ticks_once_each() {
    let (clock, first) = Process::in_memory(vec![nightly("* * * * * *")]).await;
    let all = vec![first.clone(); 5];
    for _ in 0..1_000 {
        clock.advance(Duration::from_secs(1));
        let mut running = JoinSet::new();
        for one in all.clone() {
            running.spawn(async move { one.scheduler.fire_due().await });
        }
        while let Some(fired) = running.join_next().await {
            fired.unwrap().unwrap();
        }
    }
    assert_eq!(first.count().await, 1_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_processes_that_start_at_once_declare_a_schedule_once() {
    let clock = TestClock::new();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::with_clock(clock.clone()));
    let mut starting = JoinSet::new();
    for _ in 0..5 {
        let process = Process::new(Arc::clone(&store), vec![nightly("* * * * *")]);
        starting.spawn(async move { process.scheduler.declare().await });
    }
    while let Some(declared) = starting.join_next().await {
        declared.unwrap().unwrap();
    }
    let audits = store.audits(Some("nightly"), 10).await.unwrap();
    let actions: Vec<_> = audits.iter().map(|it| it.action.as_str()).collect();
    assert_eq!(actions, ["schedule.add"]);
}

#[tokio::test]
async fn a_process_that_declares_late_brings_no_tick_back() {
    let (clock, first) = Process::in_memory(vec![nightly("* * * * *")]).await;
    // what a process writes that read the store before anybody had declared anything
    let stale = first.schedules.list().await.unwrap().remove(0);
    first.pass(&clock, 60).await;
    first
        .store
        .put_schedule(&stale, &super::by())
        .await
        .unwrap();
    first.pass(&clock, 0).await;
    assert_eq!(
        first.count().await,
        1,
        "the tick fires again, its job is there already"
    );
    first.pass(&clock, 60).await;
    assert_eq!(first.count().await, 2);
}
