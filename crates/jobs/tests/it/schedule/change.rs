//! Schedules that change while services run.

use atlas_jobs::{
    Error, Job, Schedule,
    store::{Filter, Page},
};

use super::{Nightly, Process, by, nightly, report};

#[tokio::test]
async fn a_change_holds_from_the_next_poll_on_and_its_history_is_kept() {
    let (clock, process) = Process::in_memory(Vec::new()).await;
    let schedules = &process.schedules;
    schedules.put(&report("* * * * *"), &by()).await.unwrap();
    process.pass(&clock, 60).await;
    assert_eq!(process.count().await, 1, "added");
    schedules.put(&report("*/5 * * * *"), &by()).await.unwrap();
    process.pass(&clock, 120).await;
    assert_eq!(process.count().await, 1, "changed");
    process.pass(&clock, 120).await;
    assert_eq!(process.count().await, 2, "changed");
    schedules.pause("report", &by()).await.unwrap();
    process.pass(&clock, 600).await;
    assert_eq!(process.count().await, 2, "paused");
    schedules.resume("report", &by()).await.unwrap();
    process.pass(&clock, 0).await;
    assert_eq!(process.count().await, 2, "what came meanwhile is left out");
    process.pass(&clock, 300).await;
    assert_eq!(process.count().await, 3, "resumed");
    assert!(schedules.remove("report", &by()).await.unwrap());
    assert!(!schedules.remove("report", &by()).await.unwrap());
    process.pass(&clock, 600).await;
    assert_eq!(process.count().await, 3, "removed");
    let audits = process.store.audits(Some("report"), 10).await.unwrap();
    let actions: Vec<_> = audits.iter().rev().map(|it| it.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "schedule.add",
            "schedule.change",
            "schedule.pause",
            "schedule.resume",
            "schedule.remove"
        ]
    );
    assert!(audits.iter().all(|it| it.actor == "anna"));
}

#[tokio::test]
async fn a_tick_that_is_due_survives_a_change_of_the_payload() {
    let (clock, process) = Process::in_memory(Vec::new()).await;
    process
        .schedules
        .put(&report("* * * * *"), &by())
        .await
        .unwrap();
    clock.advance(std::time::Duration::from_secs(61));
    let payload = serde_json::json!({ "of": "today" });
    let changed = Schedule::of_kind("report", "* * * * *", "nightly", &payload);
    let by = by();
    let changing = process.schedules.put_anyway(&changed, &by);
    changing.await.unwrap();
    process.pass(&clock, 0).await;
    let page = Page {
        after: None,
        limit: 10,
    };
    let jobs = process.store.list(&Filter::default(), page).await.unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].payload, br#"{"of":"today"}"#);
    assert_eq!(jobs[0].schedule.as_deref(), Some("report"));
}

#[tokio::test]
async fn the_code_changes_and_removes_its_own_and_leaves_the_pause_and_the_others() {
    // a removal waits until no process has declared it for an hour
    let (clock, first) = Process::in_memory(vec![nightly("* * * * *")]).await;
    first
        .schedules
        .put(&report("0 0 1 1 *"), &by())
        .await
        .unwrap();
    first.schedules.pause("nightly", &by()).await.unwrap();
    let second = Process::new(first.store.clone(), vec![nightly("*/2 * * * *")]);
    second.scheduler.declare().await.unwrap();
    let known = second.schedules.list().await.unwrap();
    assert!(known[0].paused && known[0].cron == "*/2 * * * *");
    second.pass(&clock, 600).await;
    assert_eq!(second.count().await, 0, "it is paused");
    let job = second.schedules.run_now("nightly", &by()).await.unwrap();
    let job = second.store.find(job).await.unwrap().unwrap();
    assert_eq!(job.kind, Nightly::KIND);
    let third = Process::new(first.store.clone(), Vec::new());
    clock.advance(std::time::Duration::from_secs(3600));
    third.scheduler.declare().await.unwrap();
    let left = third.schedules.list().await.unwrap();
    let left: Vec<_> = left.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(left, ["report"]);
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let (_, process) = Process::in_memory(vec![nightly("0 3 * * *")]).await;
    let large = serde_json::Value::String("x".repeat(2 << 20));
    let unknown = |kind| Schedule::of_kind("report", "0 3 * * *", kind, &serde_json::Value::Null);
    for (schedule, says) in [
        (report("61 * * * *"), "the minute `61` is wrong"),
        (report("0 0 30 2 *"), "never fires"),
        (report("* *"), "five fields"),
        (
            report("0 3 * * *").zone("europe/berln"),
            "did you mean `Europe/Berlin`?",
        ),
        (
            report("0 3 * * *").zone("Mars"),
            "a name of the IANA database",
        ),
        (report("0 3 * * *").queue("No queue"), "cannot be its queue"),
        (
            report("0 3 * * *").jitter(std::time::Duration::MAX),
            "longer than a day",
        ),
        (unknown("nigthly"), "did you mean `nightly`?"),
        (unknown("nightly@2"), "reads older payloads only"),
        (
            Schedule::of_kind("report", "0 3 * * *", "nightly", &large),
            "at most 1048576",
        ),
        (
            Schedule::of_kind("report", "0 3 * * *", "nightly", &serde_json::json!(7)),
            "not what a `nightly` takes: invalid type: integer `7`, expected unit",
        ),
        (
            Schedule::of_raw("report", "0 3 * * *", "nightly", "{no}"),
            "the payload is no JSON: key must be a string",
        ),
        (nightly("0 4 * * *"), "the code declares"),
    ] {
        let error = process.schedules.put(&schedule, &by()).await.unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    assert_eq!(process.schedules.list().await.unwrap().len(), 1);
    process
        .schedules
        .put_anyway(&unknown("elsewhere"), &by())
        .await
        .unwrap();
    let missing = process.schedules.run_now("none", &by()).await.unwrap_err();
    assert!(matches!(missing, Error::NoSuchSchedule(_)), "{missing}");
}

#[tokio::test]
async fn the_next_times_of_a_schedule_can_be_asked() {
    let (_, process) = Process::in_memory(vec![nightly("30 2 * * *").zone("Asia/Kathmandu")]).await;
    let next = process.schedules.next("nightly", 2).await.unwrap();
    let next: Vec<_> = next.iter().map(chrono::DateTime::to_rfc3339).collect();
    assert_eq!(
        next,
        ["2026-01-01T20:45:00+00:00", "2026-01-02T20:45:00+00:00"]
    );
}
