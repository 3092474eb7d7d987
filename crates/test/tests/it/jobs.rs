//! What a test sees of background jobs.

use std::time::Duration;

use atlas::jobs::{
    Job, JobId, JobsConfig, Priority, State,
    store::{NewJob, Run},
};
use atlas::prelude::*;
use atlas_test::TestApp;
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Write {
    to: String,
}

impl Job for Write {
    const KIND: &'static str = "write";
}

#[derive(Debug, Serialize, Deserialize)]
struct Call;

impl Job for Call {
    const KIND: &'static str = "call";
}

fn letters() -> App {
    App::new("letters")
        .module(atlas::defaults())
        .module(atlas::jobs::module())
}

/// Enqueues a letter to somebody.
async fn write(app: &TestApp, to: &str, run: Run) -> JobId {
    let config = JobsConfig::for_tests();
    let job = NewJob {
        id: JobId::generate(),
        kind: Write::KIND.to_owned(),
        queue: "default".to_owned(),
        priority: Priority::NORMAL,
        ageing: config.ageing.get(),
        payload: serde_json::to_vec(&Write { to: to.to_owned() }).expect("JSON"),
        max_attempts: 3,
        run,
        timeout: None,
        max_age: None,
        unique: None,
        limit: None,
        trace: None,
        actor: None,
        schedule: None,
    };
    let enqueued = app.jobs().store().enqueue(vec![job]).await;
    enqueued.expect("it is enqueued")[0].id()
}

#[tokio::test]
async fn jobs_wait_until_a_test_looks_at_them() {
    let app = TestApp::start(letters()).await;
    app.jobs().assert_none_enqueued::<Write>().await;
    write(&app, "anna", Run::Now).await;
    write(&app, "bert", Run::In(Duration::from_secs(60))).await;
    let found = app
        .jobs()
        .assert_enqueued::<Write>(|job| job.to == "bert")
        .await;
    assert_eq!(found.to, "bert");
    let all = app.jobs().enqueued::<Write>().await;
    assert_eq!(
        all.iter().map(|job| job.to.as_str()).collect::<Vec<_>>(),
        ["anna", "bert"]
    );
    app.jobs().assert_none_enqueued::<Call>().await;
    app.stop().await;
}

#[tokio::test]
#[should_panic(expected = "no such job waits")]
async fn a_job_that_was_not_enqueued_fails_the_test() {
    let app = TestApp::start(letters()).await;
    write(&app, "anna", Run::Now).await;
    app.jobs()
        .assert_enqueued::<Write>(|job| job.to == "carla")
        .await;
}

#[tokio::test]
#[should_panic(expected = "write is available: {\"to\":\"anna\"}")]
async fn what_waits_is_shown_when_nothing_should() {
    let app = TestApp::start(letters()).await;
    write(&app, "anna", Run::Now).await;
    app.jobs().assert_none_enqueued::<Write>().await;
}

#[tokio::test]
async fn the_clock_stands_still_until_a_test_moves_it() {
    let app = TestApp::start(letters()).await;
    let id = write(&app, "bert", Run::In(Duration::from_secs(3600))).await;
    let jobs = app.jobs();
    let before = jobs.store().now().await.expect("a time");
    jobs.advance(Duration::from_secs(3599));
    let after = jobs.store().now().await.expect("a time");
    assert_eq!((after - before).num_seconds(), 3599);
    assert_eq!(jobs.record(id).await.state, State::Scheduled);
    assert!(jobs.record(id).await.run_at > after);
    jobs.advance(Duration::from_secs(1));
    assert!(jobs.record(id).await.run_at <= jobs.store().now().await.expect("a time"));
    assert_eq!(jobs.records::<Write>(&[State::Dead]).await, []);
}

#[tokio::test]
#[should_panic(expected = "the app has `atlas::jobs::module()`")]
async fn an_app_without_jobs_has_none_to_look_at() {
    let app = TestApp::start(App::new("bare").module(atlas::defaults())).await;
    app.jobs();
}
