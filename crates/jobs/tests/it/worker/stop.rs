//! How a worker stops.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use atlas_jobs::{Handler, Run, State};
use tokio::sync::Semaphore;

use super::{Count, Task, World, config, task};

#[tokio::test]
async fn an_idle_worker_stops_at_once() {
    let world = World::new(config());
    let worker = world.work(Handler::of(|_: Run<Task>| async {}));
    let id = world.add(task(1)).await;
    world.reaches(id, State::Completed).await;
    let start = Instant::now();
    worker.stop().await;
    assert!(start.elapsed() < super::LONG / 4);
}

#[tokio::test]
async fn what_runs_may_end_and_what_has_not_begun_is_given_back_at_once() {
    const SLOW: u32 = 8;
    let mut narrow = config();
    narrow.concurrency = 1;
    narrow.prefetch = 4;
    // shorter than the job still takes: its lease is kept while the worker stops
    narrow.lease = Duration::from_secs(3).into();
    let world = World::new(narrow);
    let runs = Count::default();
    let go = Arc::new(Semaphore::new(0));
    let (counted, wait) = (runs.clone(), Arc::clone(&go));
    // only after many that were fast are others taken ahead
    let fast = world.jobs.enqueue_all((0..500).map(|_| task(0)));
    fast.await.unwrap();
    let slow = world.jobs.enqueue_all((0..SLOW).map(|_| task(1)));
    let slow = slow.await.unwrap();
    let worker = world.work(Handler::of(move |job: Run<Task>| {
        let (counted, wait) = (counted.clone(), Arc::clone(&wait));
        async move {
            if job.number == 1 {
                counted.add();
                wait.acquire().await.unwrap().forget();
            }
        }
    }));
    let states = || async {
        let mut states = Vec::new();
        for it in &slow {
            states.push(world.find(it.id()).await.state);
        }
        states
    };
    let held = || async {
        let states = states().await;
        states.iter().filter(|it| **it == State::Running).count()
    };
    // one of the slow ones runs while others wait behind it: if the first has none behind it, then one of the next
    let mut begun = 0;
    loop {
        begun += 1;
        assert!(begun < SLOW, "nothing was taken ahead");
        runs.reaches(begun).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        if held().await > 1 {
            break;
        }
        go.add_permits(1);
    }
    worker.stop.cancel();
    super::until(|| async { held().await == 1 }).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(held().await, 1, "its lease is kept");
    go.add_permits(1);
    worker.stop().await;
    let completed = states().await;
    let completed = completed.iter().filter(|it| **it == State::Completed);
    assert_eq!(completed.count(), begun as usize);
    assert_eq!(runs.get(), begun, "nothing more was begun");
    for it in &slow[begun as usize..] {
        let record = world.find(it.id()).await;
        assert_eq!((record.crashes, record.attempt), (0, 0));
        assert_eq!(record.state, State::Available);
    }
}

#[tokio::test]
async fn what_outlasts_the_grace_is_told_and_given_back_without_an_attempt() {
    let mut hasty = config();
    hasty.shutdown_grace = Duration::from_millis(50).into();
    hasty.cancel_grace = super::LONG.into();
    let world = World::new(hasty);
    let runs = Count::default();
    let counted = runs.clone();
    let worker = world.work(Handler::of(move |job: Run<Task>| {
        counted.add();
        async move {
            if job.number == 1 {
                // one that listens
                job.cancelled().cancelled().await;
                return Err::<(), _>(std::io::Error::other("interrupted"));
            }
            std::future::pending().await
        }
    }));
    let added = world.jobs.enqueue_all([task(1), task(2)]).await.unwrap();
    runs.reaches(2).await;
    let start = Instant::now();
    worker.stop().await;
    assert!(start.elapsed() < super::LONG / 4);
    for it in added {
        let record = world.find(it.id()).await;
        assert_eq!(record.state, State::Available);
        assert_eq!((record.attempt, record.crashes), (0, 0));
        assert!(world.store.failures(it.id()).await.unwrap().is_empty());
    }
}
