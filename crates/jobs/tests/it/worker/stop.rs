//! How a worker stops.

use std::time::{Duration, Instant};

use atlas_jobs::{Handler, Run, State};

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
    let mut narrow = config();
    narrow.concurrency = 1;
    narrow.prefetch = 4;
    // shorter than the job still takes: its lease is kept while the worker stops
    narrow.lease = Duration::from_secs(3).into();
    let world = World::new(narrow);
    let runs = Count::default();
    let go = tokio_util::sync::CancellationToken::new();
    let (counted, wait) = (runs.clone(), go.clone());
    let worker = world.work(Handler::of(move |_: Run<Task>| {
        counted.add();
        let wait = wait.clone();
        async move { wait.cancelled().await }
    }));
    let jobs = [task(1), task(2), task(3)];
    let added = world.jobs.enqueue_all(jobs).await.unwrap();
    runs.reaches(1).await;
    for it in &added {
        world.reaches(it.id(), State::Running).await;
    }
    worker.stop.cancel();
    super::until(|| async {
        let mut back = 0;
        for it in &added {
            back += u32::from(world.find(it.id()).await.state == State::Available);
        }
        back == 2
    })
    .await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    go.cancel();
    worker.stop().await;
    let (mut done, mut back) = (0, 0);
    for it in &added {
        let record = world.find(it.id()).await;
        assert_eq!(record.crashes, 0);
        match record.state {
            State::Completed => done += 1,
            State::Available => {
                assert_eq!(record.attempt, 0);
                back += 1;
            }
            state => unreachable!("{state}"),
        }
    }
    assert_eq!((done, back, runs.get()), (1, 2, 1));
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
