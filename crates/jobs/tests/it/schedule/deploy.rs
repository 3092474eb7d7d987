//! Several versions of a service side by side, on one store.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use atlas_jobs::{
    Handlers, Job, JobsConfig, MemoryStore, Options, Priority, Schedule, Worker,
    clock::TestClock,
    store::{Filter, Page, Store},
};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{Nightly, Process, by, nightly, report, until};

const MINUTE: Duration = Duration::from_secs(60);

/// The job of [`Nightly`] as a newer version says it.
#[derive(Serialize, Deserialize)]
struct Urgent;

impl Job for Urgent {
    const KIND: &'static str = Nightly::KIND;

    fn options(&self) -> Options {
        Options::new()
            .queue("critical")
            .priority(Priority::HIGH)
            .max_attempts(3)
            .timeout(Duration::from_secs(7))
            .unique("summary")
    }
}

fn hourly() -> Schedule {
    Schedule::cron("hourly", "0 * * * *", || Urgent)
}

/// An older version, which knows one schedule, and a newer one, which knows two.
async fn versions() -> (TestClock, Process, Process) {
    let (clock, old) = Process::in_memory(vec![nightly("0 3 * * *")]).await;
    let new = Process::new(old.store.clone(), vec![nightly("0 3 * * *"), hourly()]);
    new.scheduler.declare().await.unwrap();
    (clock, old, new)
}

async fn names(process: &Process) -> Vec<String> {
    let all = process.schedules.list().await.unwrap();
    all.into_iter().map(|it| it.name).collect()
}

#[tokio::test]
async fn an_older_version_that_starts_leaves_what_a_newer_one_declares() {
    let (clock, old, new) = versions().await;
    for _ in 0..180 {
        clock.advance(MINUTE);
        new.scheduler.renew().await.unwrap();
        old.scheduler.renew().await.unwrap();
        // it crashes again and again, as long as the deployment lasts
        old.scheduler.declare().await.unwrap();
        assert_eq!(names(&old).await, ["hourly", "nightly"]);
    }
}

#[tokio::test]
async fn a_schedule_that_no_process_declares_is_removed_after_an_hour_and_fires_no_more() {
    let (clock, old, new) = versions().await;
    new.schedules.pause("nightly", &by()).await.unwrap();
    for minute in 1..60 {
        old.pass(&clock, 60).await;
        old.scheduler.renew().await.unwrap();
        assert_eq!(names(&old).await, ["hourly", "nightly"], "minute {minute}");
    }
    old.pass(&clock, 120).await;
    assert_eq!(old.count().await, 0, "only those fire it who declare it");
    old.scheduler.renew().await.unwrap();
    let left = old.schedules.list().await.unwrap();
    assert_eq!(left.len(), 1);
    assert!(left[0].name == "nightly" && left[0].paused);
    let lines = old.store.audits(Some("hourly"), 10).await.unwrap();
    let lines: Vec<_> = lines
        .iter()
        .map(|it| (it.actor.as_str(), it.action.as_str()))
        .collect();
    assert_eq!(
        lines,
        [("code", "schedule.remove"), ("code", "schedule.add")]
    );
}

#[tokio::test]
async fn the_newer_version_fires_what_only_it_declares_and_both_fire_the_rest() {
    let (clock, old, new) = versions().await;
    // on New Year's Day, from midnight on
    for _ in 0..4 * 60 {
        clock.advance(MINUTE);
        old.scheduler.fire_due().await.unwrap();
        new.scheduler.fire_due().await.unwrap();
    }
    let page = Page {
        after: None,
        limit: 100,
    };
    let jobs = old.store.list(&Filter::default(), page).await.unwrap();
    let of = |name: &str| {
        let jobs = jobs
            .iter()
            .filter(|it| it.schedule.as_deref() == Some(name));
        jobs.count()
    };
    // of the hourly ones, the first that waits holds the key
    assert_eq!((of("nightly"), of("hourly")), (1, 1));
    let hourly = old.schedules.list().await.unwrap().remove(0);
    assert!(hourly.next_tick > hourly.declared_at, "each tick has fired");
}

#[tokio::test]
async fn of_two_versions_that_differ_the_last_to_begin_holds_and_then_the_one_that_is_left() {
    let (clock, new) = Process::in_memory(vec![nightly("0 4 * * *")]).await;
    let old = Process::new(new.store.clone(), vec![nightly("0 3 * * *")]);
    old.scheduler.declare().await.unwrap();
    let cron = async || new.schedules.list().await.unwrap().remove(0).cron;
    for _ in 0..30 {
        clock.advance(MINUTE);
        old.scheduler.renew().await.unwrap();
        new.scheduler.renew().await.unwrap();
        assert_eq!(cron().await, "0 3 * * *", "both are there");
    }
    let lines = new.store.audits(Some("nightly"), 10).await.unwrap();
    assert_eq!(lines.len(), 2, "neither writes over the other");
    for _ in 0..4 {
        clock.advance(MINUTE);
        new.scheduler.renew().await.unwrap();
        assert_eq!(cron().await, "0 3 * * *", "the old one may be slow");
    }
    clock.advance(MINUTE);
    new.scheduler.renew().await.unwrap();
    assert_eq!(cron().await, "0 4 * * *", "the new one is left");
}

#[tokio::test]
async fn the_job_of_a_schedule_is_the_same_whoever_enqueues_it() {
    let (clock, old, new) = versions().await;
    let id = old.schedules.run_now("hourly", &by()).await.unwrap();
    let by_hand = old.store.find(id).await.unwrap().unwrap();
    old.store.cancel(id, &by()).await.unwrap();
    new.pass(&clock, 3600).await;
    let filter = Filter {
        queue: Some("critical".to_owned()),
        ..Filter::default()
    };
    let page = Page {
        after: None,
        limit: 10,
    };
    let jobs = old.store.list(&filter, page).await.unwrap();
    assert_eq!(jobs.len(), 2);
    let by_tick = jobs.iter().find(|it| it.id != id).unwrap();
    for job in [&by_hand, by_tick] {
        assert_eq!(job.queue, "critical");
        assert_eq!((job.priority, job.max_attempts), (Priority::HIGH, 3));
        assert_eq!(job.timeout, Some(Duration::from_secs(7)));
        assert_eq!(job.unique_key.as_deref(), Some("nightly:summary"));
    }
}

#[tokio::test]
async fn what_a_process_declares_is_not_removed_by_hand_and_what_is_abandoned_is() {
    let (clock, old, new) = versions().await;
    for process in [&old, &new] {
        let error = process.schedules.remove("hourly", &by()).await.unwrap_err();
        let words = error.to_string();
        assert!(words.contains("the code declares the schedule"), "{words}");
        assert!(words.contains("pause it"), "{words}");
    }
    clock.advance(5 * MINUTE);
    new.schedules.remove("hourly", &by()).await.unwrap_err();
    assert!(old.schedules.remove("hourly", &by()).await.unwrap());
    assert_eq!(names(&old).await, ["nightly"]);
    new.scheduler.renew().await.unwrap();
    assert_eq!(names(&old).await, ["hourly", "nightly"], "it was not gone");
}

#[tokio::test]
async fn the_name_of_an_abandoned_schedule_may_be_taken() {
    let (clock, old, _) = versions().await;
    let mine = Schedule::of_kind("hourly", "30 * * * *", "nightly", &serde_json::Value::Null);
    old.schedules.put(&mine, &by()).await.unwrap_err();
    clock.advance(5 * MINUTE);
    old.schedules.put(&mine, &by()).await.unwrap();
    let taken = old.schedules.list().await.unwrap().remove(0);
    assert_eq!((taken.from_code, taken.declared_at), (false, None));
    old.pass(&clock, 3600).await;
    assert_eq!(old.count().await, 1);
}

#[tokio::test]
async fn a_change_wakes_a_scheduler_before_it_would_look_again() {
    const CHANGES: usize = 20;
    let store: Arc<dyn Store> = Arc::new(MemoryStore::with_clock(TestClock::new()));
    let process = Process::new(Arc::clone(&store), Vec::new());
    let stop = CancellationToken::new();
    let none = Handlers::new(Vec::new()).unwrap();
    let config = JobsConfig::for_tests();
    let worker = Worker::new(Arc::clone(&store), none, Vec::new(), &config);
    let worker = worker.scheduler(&process.scheduler);
    let ends = stop.clone().cancelled_owned();
    let working = tokio::spawn(async move { worker.run(ends).await });
    let running = tokio::spawn({
        let (scheduler, stop) = (process.scheduler.clone(), stop.clone());
        async move { scheduler.run(stop).await }
    });
    process
        .schedules
        .put(&report("* * * * *"), &by())
        .await
        .unwrap();
    let mut due = process.schedules.list().await.unwrap().remove(0);
    let now = store.now().await.unwrap();
    let begun = Instant::now();
    for change in 0..CHANGES {
        // each is due already
        due.next_tick = Some(now - Duration::from_millis(change as u64));
        store.put_schedule(&due, &by()).await.unwrap();
        until(|| async { process.count().await == change + 1 }).await;
    }
    let polls = Duration::from_secs(CHANGES as u64);
    assert!(begun.elapsed() < polls / 2, "{:?}", begun.elapsed());
    stop.cancel();
    running.await.unwrap();
    working.await.unwrap().unwrap();
}
