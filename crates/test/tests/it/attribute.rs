//! `#[atlas_test::test]`.

use std::future::pending;

use atlas::prelude::*;
use atlas_test::TestApp;
use serde_json::json;

use crate::notes;

#[atlas_test::test(notes::app())]
async fn the_app_is_started_and_given(app: &TestApp) {
    let id = app
        .post("/notes", json!({ "text": "mine" }))
        .await
        .created()
        .id();
    app.get(&format!("/notes/{id}")).await.ok();
}

#[atlas_test::test(TestApp::builder(notes::app()).in_process())]
async fn a_builder_says_how(app: &TestApp) {
    app.get("/nothing").await.status(404);
}

fn leaking() -> App {
    App::new("leaking")
        .module(atlas::defaults())
        .module(Module::new("leak").invoke(|| drop(tokio::spawn(pending::<()>()))))
}

#[atlas_test::test(leaking())]
#[should_panic(expected = "1 tasks still run after their app has stopped")]
async fn a_task_that_outlives_its_app_fails_the_test(_app: &TestApp) {}

fn stubborn() -> App {
    let fail = |lifecycle: Lifecycle| {
        lifecycle.on_stop(|| async { Err::<(), _>("the door is stuck") });
    };
    App::new("stubborn")
        .module(atlas::defaults())
        .module(Module::new("door").invoke(fail))
}

#[atlas_test::test(stubborn())]
#[should_panic(expected = "the door is stuck")]
async fn an_app_that_does_not_stop_well_fails_the_test(_app: &TestApp) {}
