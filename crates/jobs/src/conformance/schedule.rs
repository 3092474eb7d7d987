//! Schedules: kept, paused, and fired once per tick.

use std::time::Duration;

use super::{
    Harness,
    bench::{Bench, by, job, unique},
};
use crate::{
    Error, Limit, OnConflict, Options, Priority, State, Time, Unique, Until,
    clock::later,
    store::{Fire, Misfire, ScheduleRecord, Tick},
};

/// A schedule whose next tick is this many seconds after a moment that all agree on.
pub(super) fn schedule(name: &str, tick: i64) -> ScheduleRecord {
    ScheduleRecord {
        name: name.to_owned(),
        cron: "*/5 * * * *".to_owned(),
        zone: "Europe/Berlin".to_owned(),
        kind: "work".to_owned(),
        payload: "{\"grüße\":\"🦀\"}".to_owned(),
        queue: Some("nightly".to_owned()),
        options: Options::new().priority(Priority::HIGH).max_attempts(3),
        jitter_ms: 1_500,
        misfire: Misfire::All,
        paused: false,
        from_code: true,
        declared_at: Some(at(-60)),
        last_tick: None,
        next_tick: Some(at(tick)),
    }
}

fn at(second: i64) -> Time {
    let start = Time::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
    start + chrono::TimeDelta::milliseconds(second * 1_000 + 7)
}

fn tick(name: &str, expected: i64) -> Tick {
    Tick {
        schedule: name.to_owned(),
        expected: at(expected),
        next: Some(at(expected + 1)),
        jobs: vec![job()],
    }
}

async fn kept(bench: &Bench<'_>) -> Vec<ScheduleRecord> {
    bench.store.schedules().await.expect("schedules are told")
}

async fn put(bench: &Bench<'_>, schedule: &ScheduleRecord) {
    let answer = bench.store.put_schedule(schedule, &by()).await;
    answer.expect("a schedule is taken");
}

async fn fire(bench: &Bench<'_>, tick: &Tick) -> Fire {
    bench.store.fire(tick).await.expect("a tick is answered")
}

/// Schedules are kept as they were said, and told by name.
pub async fn schedules_are_kept_by_name(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    assert!(kept(&bench).await.is_empty());
    let plain = ScheduleRecord {
        queue: None,
        options: Options::new(),
        jitter_ms: 0,
        misfire: Misfire::Skip,
        from_code: false,
        declared_at: None,
        next_tick: None,
        ..schedule("a", 0)
    };
    let unique = Unique::key("the \"only\" 🦀")
        .until(Until::Window(Duration::new(3, 500)))
        .on_conflict(OnConflict::Replace);
    let once = ScheduleRecord {
        misfire: Misfire::Once,
        jitter_ms: i64::MAX as u64,
        options: schedule("b", 0)
            .options
            .queue("urgent")
            .timeout(Duration::from_millis(1_234))
            .max_age(Duration::MAX)
            .unique_by(unique)
            .limit(Limit::key("grüße", 2)),
        ..schedule("b-2.x", 3)
    };
    let all = [plain, once, schedule("c", 1)];
    for index in [2, 0, 1] {
        put(&bench, &all[index]).await;
    }
    assert_eq!(kept(&bench).await, all);
    let removed = async |name| bench.store.remove_schedule(name, &by()).await;
    assert!(removed("b-2.x").await.expect("an answer"));
    assert!(!removed("b-2.x").await.expect("an answer"));
    assert_eq!(kept(&bench).await, [all[0].clone(), all[2].clone()]);
}

/// To put a schedule again changes what it says; whether it is paused and its last tick stay.
pub async fn a_schedule_that_is_put_again_is_changed(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    put(&bench, &schedule("s", 1)).await;
    assert_eq!(fire(&bench, &tick("s", 1)).await, Fire::Fired);
    let pause = bench.store.pause_schedule("s", true, None, &by()).await;
    pause.expect("it is paused");
    let changed = ScheduleRecord {
        cron: "0 3 * * *".to_owned(),
        zone: "UTC".to_owned(),
        kind: "other".to_owned(),
        payload: "null".to_owned(),
        queue: None,
        options: Options::new().timeout(Duration::from_secs(9)),
        jitter_ms: 0,
        misfire: Misfire::Skip,
        from_code: false,
        declared_at: None,
        next_tick: Some(at(9)),
        ..schedule("s", 1)
    };
    put(&bench, &changed).await;
    let expected = ScheduleRecord {
        paused: true,
        last_tick: Some(at(1)),
        ..changed
    };
    assert_eq!(kept(&bench).await, [expected]);
}

/// That the code still declares a schedule is noted, and changes nothing else: neither its ticks nor the audit.
pub async fn a_declaration_is_noted_and_nothing_else(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let added = ScheduleRecord {
        from_code: false,
        declared_at: None,
        ..schedule("added", 1)
    };
    put(&bench, &added).await;
    put(&bench, &schedule("s", 1)).await;
    assert_eq!(fire(&bench, &tick("s", 1)).await, Fire::Fired);
    let fired = kept(&bench).await.remove(1);
    let declared = async |name, time| {
        let noted = bench.store.declared(name, time).await;
        noted.expect("it is noted");
        kept(&bench).await
    };
    for (time, latest) in [(5, 5), (3, 5), (8, 8)] {
        let expected = ScheduleRecord {
            declared_at: Some(at(latest)),
            ..fired.clone()
        };
        let all = declared("s", at(time)).await;
        assert_eq!(all, [added.clone(), expected]);
    }
    let before = kept(&bench).await;
    assert_eq!(declared("added", at(9)).await, before, "nobody declares it");
    assert_eq!(declared("none", at(9)).await, before, "there is none");
    let again = ScheduleRecord {
        declared_at: Some(at(20)),
        ..before[1].clone()
    };
    put(&bench, &again).await;
    assert_eq!(kept(&bench).await[1], again);
    let lines = bench.store.audits(Some("s"), 10).await.expect("an answer");
    let actions: Vec<_> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["schedule.add"]);
}

/// A schedule that is paused does not fire, and goes on from the tick that it is given.
pub async fn a_paused_schedule_does_not_fire(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    put(&bench, &schedule("s", 1)).await;
    let pause = async |name, paused, next| {
        let store = &bench.store;
        store.pause_schedule(name, paused, next, &by()).await
    };
    pause("s", true, None).await.expect("it is paused");
    let paused = kept(&bench).await.remove(0);
    assert_eq!((paused.paused, paused.next_tick), (true, Some(at(1))));
    assert_eq!(fire(&bench, &tick("s", 1)).await, Fire::Missed);
    pause("s", false, Some(at(5))).await.expect("it goes on");
    assert_eq!(fire(&bench, &tick("s", 1)).await, Fire::Missed);
    assert_eq!(fire(&bench, &tick("s", 5)).await, Fire::Fired);
    assert_eq!(bench.take(10).await.len(), 1);
    let error = pause("none", true, None).await.expect_err("there is none");
    assert!(matches!(error, Error::NoSuchSchedule(name) if name == "none"));
}

/// A tick that fires enqueues its jobs and records the next tick.
pub async fn a_tick_that_fires_enqueues_its_jobs(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    put(&bench, &schedule("s", 1)).await;
    put(&bench, &schedule("other", 1)).await;
    let mut first = tick("s", 1);
    first.jobs = vec![job(), unique("one"), unique("one")];
    assert_eq!(fire(&bench, &first).await, Fire::Fired);
    for (index, expected) in [true, true, false].into_iter().enumerate() {
        let found = bench.store.find(first.jobs[index].id).await;
        assert_eq!(found.expect("an answer").is_some(), expected, "job {index}");
    }
    let after = kept(&bench).await;
    assert_eq!(after[0], schedule("other", 1), "it is left alone");
    assert_eq!(
        (after[1].last_tick, after[1].next_tick),
        (Some(at(1)), Some(at(2)))
    );
    assert_eq!(fire(&bench, &first).await, Fire::Missed, "once");
    let last = Tick {
        next: None,
        jobs: Vec::new(),
        ..tick("s", 2)
    };
    assert_eq!(
        fire(&bench, &last).await,
        Fire::Fired,
        "a tick without jobs"
    );
    let after = kept(&bench).await;
    assert_eq!(
        (after[1].last_tick, after[1].next_tick),
        (Some(at(2)), None)
    );
    assert_eq!(
        fire(&bench, &tick("s", 3)).await,
        Fire::Missed,
        "it was the last"
    );
    assert_eq!(bench.take(10).await.len(), 2);
}

/// A tick that nobody expects changes nothing: an earlier one, a later one, one of no schedule.
pub async fn a_tick_that_nobody_expects_changes_nothing(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    put(&bench, &schedule("s", 5)).await;
    let before = kept(&bench).await;
    let mut close = tick("s", 5);
    close.expected = later(at(5), Duration::from_millis(1));
    for wrong in [tick("s", 4), tick("s", 6), tick("none", 5), close] {
        assert_eq!(fire(&bench, &wrong).await, Fire::Missed, "{wrong:?}");
        let found = bench.store.find(wrong.jobs[0].id).await;
        assert!(found.expect("an answer").is_none());
    }
    assert_eq!(kept(&bench).await, before);
    bench
        .store
        .remove_schedule("s", &by())
        .await
        .expect("an answer");
    assert_eq!(fire(&bench, &tick("s", 5)).await, Fire::Missed);
}

/// A tick whose jobs are refused has not fired.
pub async fn a_tick_whose_jobs_are_refused_has_not_fired(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    put(&bench, &schedule("s", 1)).await;
    let before = kept(&bench).await;
    let mut refused = tick("s", 1);
    refused.jobs.push(unique(&"x".repeat(300)));
    let error = bench
        .store
        .fire(&refused)
        .await
        .expect_err("a key is too long");
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    assert_eq!(kept(&bench).await, before);
    assert!(bench.take(10).await.is_empty());
    assert_eq!(fire(&bench, &tick("s", 1)).await, Fire::Fired);
}

/// However many schedulers fire the same ticks, each fires once.
pub async fn each_tick_fires_once(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    const TICKS: i64 = 30;
    put(&bench, &schedule("s", 0)).await;
    let fired = bench
        .race(5, |_, store| async move {
            let mut fired = Vec::new();
            for second in 0..TICKS {
                let tick = tick("s", second);
                let answer = store.fire(&tick).await.expect("a tick is answered");
                if answer == Fire::Fired {
                    fired.push(second);
                }
            }
            fired
        })
        .await;
    let mut fired: Vec<i64> = fired.into_iter().flatten().collect();
    fired.sort();
    assert_eq!(fired, (0..TICKS).collect::<Vec<_>>());
    let jobs = bench.list(&super::bench::in_state(State::Available)).await;
    assert_eq!(jobs.len(), TICKS as usize);
    let after = kept(&bench).await.remove(0);
    assert_eq!(
        (after.last_tick, after.next_tick),
        (Some(at(TICKS - 1)), Some(at(TICKS)))
    );
}

/// Changes of schedules are in the audit.
pub async fn changes_of_schedules_are_in_the_audit(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    put(&bench, &schedule("s", 1)).await;
    let store = &bench.store;
    store
        .pause_schedule("s", true, None, &by())
        .await
        .expect("an answer");
    store
        .pause_schedule("s", false, Some(at(3)), &by())
        .await
        .expect("an answer");
    store.remove_schedule("s", &by()).await.expect("an answer");
    let lines = store.audits(Some("s"), 10).await.expect("an answer");
    let actions: Vec<_> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "schedule.remove",
            "schedule.resume",
            "schedule.pause",
            "schedule.add"
        ]
    );
    assert!(lines.iter().all(|line| line.actor == by().actor));
}
