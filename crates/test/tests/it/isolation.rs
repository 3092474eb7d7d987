//! Apps side by side.

use std::collections::HashSet;

use atlas::http::{Json, Routes, get};
use atlas::prelude::*;
use atlas_test::TestApp;
use serde_json::json;
use tokio::task::{JoinSet, LocalSet};

use crate::notes;

#[tokio::test]
async fn databases_do_not_see_each_other() {
    let (one, other) = tokio::join!(TestApp::start(notes::app()), TestApp::start(notes::app()));
    let id = one
        .post("/notes", json!({ "text": "mine" }))
        .await
        .created()
        .id();
    one.get(&format!("/notes/{id}")).await.ok();
    other.get(&format!("/notes/{id}")).await.status(404);
    assert_ne!(one.url(), other.url());
    one.stop().await;
    other.stop().await;
}

fn hello() -> App {
    let routes = || Routes::new("/hello").route("/", get(|| async { Json("hello") }));
    App::new("hello")
        .module(atlas::defaults())
        .module(atlas::http::module())
        .module(Module::new("hello").contribute(routes))
}

#[tokio::test]
async fn two_hundred_apps_run_at_once_and_leave_no_task_behind() {
    let tasks = tokio::runtime::Handle::current().metrics();
    let alive = tasks.num_alive_tasks();
    LocalSet::new().run_until(start_and_stop(200)).await;
    // a task that ends is counted until the runtime has put it away
    for _ in 0..10_000 {
        if tasks.num_alive_tasks() <= alive {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{} tasks are left", tasks.num_alive_tasks() - alive);
}

async fn start_and_stop(count: usize) {
    let mut apps = JoinSet::new();
    for _ in 0..count {
        apps.spawn_local(TestApp::start(hello()));
    }
    let apps = apps.join_all().await;
    let urls: HashSet<_> = apps.iter().map(TestApp::url).collect();
    assert_eq!(urls.len(), count);
    let mut stopping = JoinSet::new();
    for app in apps {
        stopping.spawn_local(async move {
            app.get("/hello").await.ok().matches(json!("hello"));
            app.stop().await;
        });
    }
    stopping.join_all().await;
}
