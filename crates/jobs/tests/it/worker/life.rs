//! Leases, timeouts and calling off.

use std::{thread, time::Duration};

use atlas_jobs::{
    Error, FailureKind, Handler, Run, State,
    store::{By, Claim, Share},
};

use super::{Count, LONG, Ledger, Task, World, config, task};

#[tokio::test]
async fn a_job_that_takes_many_leases_is_run_once() {
    let mut short = config();
    short.heartbeat = Duration::from_millis(50).into();
    short.lease = Duration::from_secs(3).into();
    let world = World::new(short);
    let runs = Count::default();
    let counted = runs.clone();
    let worker = world.work(Handler::of(move |_: Run<Task>| {
        counted.add();
        async { tokio::time::sleep(Duration::from_secs(7)).await }
    }));
    let id = world.add(task(1)).await;
    let record = world.reaches(id, State::Completed).await;
    worker.stop().await;
    assert_eq!((record.attempt, record.crashes, runs.get()), (1, 0, 1));
}

#[tokio::test(flavor = "current_thread")]
async fn a_handler_that_blocks_its_only_thread_keeps_its_job() {
    let mut short = config();
    short.heartbeat = Duration::from_millis(50).into();
    short.lease = Duration::from_secs(3).into();
    let world = World::new(short);
    let runs = Count::default();
    let counted = runs.clone();
    let worker = world.work(Handler::of(move |_: Run<Task>| {
        counted.add();
        async { thread::sleep(Duration::from_secs(7)) }
    }));
    let id = world.add(task(1)).await;
    let record = world.reaches(id, State::Completed).await;
    worker.stop().await;
    assert_eq!((record.attempt, record.crashes, runs.get()), (1, 0, 1));
}

#[tokio::test]
async fn a_handler_that_ignores_its_timeout_is_ended_after_the_grace_and_retried_once_it_is_gone() {
    struct Leaving(Ledger);
    impl Drop for Leaving {
        fn drop(&mut self) {
            self.0.note("gone");
        }
    }
    let mut limited = config();
    limited.timeout = Duration::from_millis(50).into();
    let world = World::new(limited);
    let ledger = Ledger::default();
    let noted = ledger.clone();
    let worker = world.work(Handler::of(move |job: Run<Task>| {
        let ledger = noted.clone();
        async move {
            ledger.note("begun");
            if job.attempt() == 1 {
                let _leaving = Leaving(ledger.clone());
                tokio::time::sleep(LONG * 60).await;
            }
        }
    }));
    let id = world.add(task(1)).await;
    let record = world.reaches(id, State::Completed).await;
    worker.stop().await;
    assert_eq!(record.attempt, 2);
    assert_eq!(ledger.read(), ["begun", "gone", "begun"]);
    let failures = world.store.failures(id).await.unwrap();
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].kind, FailureKind::TimedOut);
}

#[tokio::test]
async fn a_running_job_that_is_called_off_learns_of_it_and_is_cancelled() {
    let world = World::new(config());
    let runs = Count::default();
    let counted = runs.clone();
    let worker = world.work(Handler::of(move |job: Run<Task>| {
        counted.add();
        async move {
            job.cancelled().cancelled().await;
            Err::<(), _>(std::io::Error::other("interrupted"))
        }
    }));
    let id = world.add(task(1)).await;
    runs.reaches(1).await;
    world.store.cancel(id, &By::new("test")).await.unwrap();
    world.reaches(id, State::Cancelled).await;
    worker.stop().await;
    assert_eq!(runs.get(), 1);
}

#[tokio::test]
async fn jobs_of_a_dead_worker_are_taken_back_and_run() {
    let world = World::new(config());
    let id = world.add(task(1)).await;
    // one that claims, and is never heard of again
    let claim = Claim {
        worker: "dead".to_owned(),
        kinds: vec!["task".to_owned()],
        queues: vec![Share {
            queue: "default".to_owned(),
            jobs: 1,
        }],
        total: 1,
        lease: Duration::from_millis(50),
    };
    assert_eq!(world.store.claim(&claim).await.unwrap().jobs.len(), 1);
    let worker = world.work(Handler::of(|_: Run<Task>| async {}));
    let record = world.reaches(id, State::Completed).await;
    worker.stop().await;
    assert_eq!((record.attempt, record.crashes), (1, 1));
}

#[tokio::test]
async fn a_handler_whose_lease_is_lost_is_told_and_its_result_changes_nothing() {
    let world = World::new(config());
    let lost = Ledger::default();
    let noted = lost.clone();
    let worker = world.work(Handler::of(move |job: Run<Task>| {
        let ledger = noted.clone();
        async move {
            ledger.note("begun");
            if ledger.read().len() > 1 {
                return;
            }
            job.cancelled().cancelled().await;
            let late = job.complete().await;
            assert!(matches!(late, Err(Error::LeaseLost(_))), "{late:?}");
            ledger.note("refused");
        }
    }));
    let id = world.add(task(1)).await;
    super::until(|| async { lost.read().len() == 1 }).await;
    // somebody gives the job to another worker: to the store it was handed back
    let record = world.find(id).await;
    let end = atlas_jobs::store::Finish {
        lease: atlas_jobs::store::Lease {
            job: id,
            fence: record.fence,
        },
        end: atlas_jobs::store::End::HandBack,
        failure: None,
    };
    world.store.finish(&[end]).await.unwrap();
    world.reaches(id, State::Completed).await;
    super::until(|| async { lost.read().contains(&"refused".to_owned()) }).await;
    worker.stop().await;
    assert!(world.find(id).await.fence > record.fence);
    assert!(world.store.failures(id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_paused_queue_gives_nothing_until_it_is_resumed() {
    let mut both = config();
    both.queues.insert("other".to_owned(), 1);
    let world = World::new(both);
    let by = By::new("test");
    world.store.pause("default", &by).await.unwrap();
    let runs = Count::default();
    let counted = runs.clone();
    let worker = world.work(Handler::of(move |_: Run<Task>| {
        counted.add();
        async {}
    }));
    let held = world.add(task(1)).await;
    let other = world.jobs.enqueue(task(2)).queue("other").await.unwrap();
    // one that was added later has gone by: what is held is not just late
    world.reaches(other.id(), State::Completed).await;
    assert_eq!(world.find(held).await.state, State::Available);
    world.store.resume("default", &by).await.unwrap();
    world.reaches(held, State::Completed).await;
    worker.stop().await;
    assert_eq!(runs.get(), 2);
}
