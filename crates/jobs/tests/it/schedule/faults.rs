//! Schedulers that freeze, clocks that jump, schedules that cannot fire.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use atlas_jobs::{
    Error, Jobs, JobsConfig, MemoryStore, Middleware, Plan, Result, Scheduler, async_trait,
    store::{Fire, NewJob, Store, Tick},
};
use chrono::DateTime;

use super::{Process, by, handlers, nightly, report};

#[tokio::test]
async fn a_scheduler_that_was_frozen_in_the_middle_fires_nothing_again() {
    let (clock, process) = Process::in_memory(vec![nightly("* * * * *")]).await;
    let read = process.schedules.list().await.unwrap().remove(0);
    process.pass(&clock, 60).await;
    process.pass(&clock, 60).await;
    let stale = Tick {
        schedule: read.name,
        expected: read.next_tick.unwrap(),
        next: None,
        jobs: Vec::new(),
    };
    assert_eq!(process.store.fire(&stale).await.unwrap(), Fire::Missed);
    process.pass(&clock, 60).await;
    assert_eq!(process.count().await, 3);
}

#[tokio::test]
async fn a_clock_of_the_store_that_steps_fires_nothing_twice_and_goes_on() {
    let time = Arc::new(AtomicI64::new(1_767_225_600));
    let tells = Arc::clone(&time);
    let clock = move || DateTime::from_timestamp(tells.load(Ordering::SeqCst), 0).unwrap();
    let process = Process::new(
        Arc::new(MemoryStore::with_clock(clock)),
        vec![nightly("* * * * *")],
    );
    process.scheduler.declare().await.unwrap();
    // a minute on, ten back, and then on again past where it was
    for (step, jobs) in [(60, 1), (-600, 1), (600, 1), (60, 2), (600, 3), (60, 4)] {
        time.fetch_add(step, Ordering::SeqCst);
        process.scheduler.fire_due().await.unwrap();
        assert_eq!(process.count().await, jobs, "after a step of {step} s");
    }
}

#[tokio::test]
async fn a_schedule_that_cannot_fire_holds_no_other_up() {
    let (clock, process) = Process::in_memory(vec![nightly("* * * * *")]).await;
    process
        .schedules
        .put(&report("* * * * *"), &by())
        .await
        .unwrap();
    let mut broken = process.schedules.list().await.unwrap().remove(0);
    "a_broken_one".clone_into(&mut broken.name);
    broken.from_code = false;
    "of a newer version".clone_into(&mut broken.cron);
    process.store.put_schedule(&broken, &by()).await.unwrap();
    process.pass(&clock, 60).await;
    assert_eq!(process.count().await, 2);
}

/// Refuses the jobs of one schedule.
struct Refuses;

#[async_trait]
impl Middleware for Refuses {
    async fn enqueue(&self, job: &mut NewJob) -> Result<()> {
        match job.schedule.as_deref() {
            Some("report") => Err(Error::Vetoed("not today".to_owned())),
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_tick_whose_job_a_hook_refuses_passes_without_one() {
    let (clock, process) = Process::in_memory(vec![nightly("* * * * *")]).await;
    process
        .schedules
        .put(&report("* * * * *"), &by())
        .await
        .unwrap();
    let plan = Plan::new(vec![nightly("* * * * *")], handlers()).unwrap();
    let store: Arc<dyn Store> = Arc::clone(&process.store);
    let jobs = Jobs::new(store, vec![Arc::new(Refuses)], &JobsConfig::for_tests());
    let strict = Scheduler::new(jobs, plan);
    clock.advance(Duration::from_secs(60));
    strict.fire_due().await.unwrap();
    assert_eq!(process.count().await, 1);
    process.pass(&clock, 0).await;
    assert_eq!(process.count().await, 1, "the tick has passed");
}
