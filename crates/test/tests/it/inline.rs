//! Jobs that run where they are enqueued, and time that a test moves.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use atlas::{
    core::BoxError,
    db::{Db, sea_orm::ConnectionTrait, sql},
    jobs::{Backoff, Error, Job, Jobs, Options, Run, Schedule, State, handler},
    prelude::*,
};
use atlas_test::TestApp;
use serde::{Deserialize, Serialize};

/// A letter, and those that answer it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Write {
    to: String,
    answers: u32,
}

impl Job for Write {
    const KIND: &'static str = "write";

    fn options(&self) -> Options {
        Options::new()
            .max_attempts(3)
            .backoff(Backoff::fixed(Duration::from_secs(600)))
    }
}

fn letter(to: &str) -> Write {
    Write {
        to: to.to_owned(),
        answers: 0,
    }
}

/// What was written.
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<Vec<String>>>);

impl Component for Desk {}

impl Desk {
    fn read(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Nobody reads a letter to `nobody`, and one to `later` at first.
async fn write(job: Run<Write>, desk: Desk, jobs: Jobs) -> Result<(), BoxError> {
    match (job.to.as_str(), job.attempt()) {
        ("nobody", _) => return Err("there is nobody".into()),
        ("later", 1) => return Err("there is nobody yet".into()),
        _ => {}
    }
    if let Some(answers) = job.answers.checked_sub(1) {
        let to = format!("{}'", job.to);
        jobs.enqueue(Write { to, answers }).await?;
    }
    desk.0.lock().unwrap().push(job.to.clone());
    Ok(())
}

fn letters() -> App {
    let post = Module::new("post")
        .provide(Desk::default)
        .contribute(handler(write))
        .contribute(|| Schedule::cron("nightly", "0 3 * * *", || letter("all")));
    App::new("letters")
        .module(atlas::defaults())
        .module(atlas::jobs::module())
        .module(post)
}

/// The app, who enqueues, and what was written.
async fn inline() -> (TestApp, Jobs, Desk) {
    let app = TestApp::builder(letters())
        .inline_jobs()
        .expose::<Desk>()
        .start()
        .await;
    let (jobs, desk) = (app.component(), app.component());
    (app, jobs, desk)
}

#[tokio::test]
async fn a_job_runs_where_it_is_enqueued() {
    let (app, jobs, desk) = inline().await;
    let id = jobs.enqueue(letter("anna")).await.unwrap().id();
    assert_eq!(desk.read(), ["anna"]);
    assert_eq!(app.jobs().record(id).await.state, State::Completed);
    jobs.enqueue_all(["bert", "carla"].map(letter))
        .await
        .unwrap();
    assert_eq!(desk.read(), ["anna", "bert", "carla"]);
    app.jobs().assert_none_enqueued::<Write>().await;
    app.stop().await;
}

#[tokio::test]
async fn a_job_that_fails_fails_the_call_and_waits_for_its_next_attempt() {
    let (app, jobs, _) = inline().await;
    let error = jobs.enqueue(letter("nobody")).await.unwrap_err();
    let Error::Failed { id, message } = error else {
        panic!("{error:?}")
    };
    assert_eq!(message, "there is nobody");
    assert_eq!(app.jobs().record(id).await.state, State::Scheduled);
    assert_eq!(app.jobs().drain_all().await, 2, "the other attempts");
    assert_eq!(app.jobs().record(id).await.state, State::Dead);
}

#[tokio::test]
async fn a_job_that_is_enqueued_by_one_runs_within_it_up_to_a_bound() {
    let (_app, jobs, desk) = inline().await;
    let answered = |answers| Write {
        to: "anna".to_owned(),
        answers,
    };
    jobs.enqueue(answered(2)).await.unwrap();
    assert_eq!(desk.read(), ["anna''", "anna'", "anna"]);
    let error = jobs.enqueue(answered(1_000)).await.unwrap_err();
    assert!(error.to_string().contains("drain them"), "{error}");
}

#[tokio::test]
async fn what_is_delayed_waits_until_the_clock_is_moved() {
    let (app, jobs, desk) = inline().await;
    let job = jobs.enqueue(letter("anna"));
    job.after(Duration::from_secs(3600)).await.unwrap();
    app.jobs()
        .assert_enqueued::<Write>(|job| job.to == "anna")
        .await;
    app.jobs().advance(Duration::from_secs(3599));
    assert_eq!((app.jobs().drain().await, desk.read()), (0, Vec::new()));
    app.jobs().advance(Duration::from_secs(1));
    assert_eq!((app.jobs().drain().await, desk.read().len()), (1, 1));
}

#[tokio::test]
async fn time_that_a_test_moves_drives_retries_and_schedules() {
    let app = TestApp::builder(letters())
        .set("jobs.store", "memory")
        .expose::<Desk>()
        .start()
        .await;
    let (jobs, desk): (Jobs, Desk) = (app.component(), app.component());
    jobs.enqueue(letter("later")).await.unwrap();
    assert_eq!(app.jobs().drain().await, 1);
    assert_eq!(app.jobs().drain().await, 0, "its back-off is not over");
    assert_eq!(desk.read(), Vec::<String>::new());
    // ten minutes, and up to a quarter of them more
    app.jobs().advance(Duration::from_secs(750));
    app.jobs().drain().await;
    assert_eq!(desk.read().iter().filter(|it| *it == "later").count(), 1);
    for days in 1..=3 {
        app.jobs().advance(Duration::from_secs(24 * 3600));
        app.jobs().drain().await;
        let nights = desk.read().iter().filter(|it| *it == "all").count();
        assert!(
            [days, days + 1].contains(&nights),
            "{nights} after {days} days"
        );
    }
    app.stop().await;
}

/// Writes a line into the database, and fails for `nobody`.
async fn note(job: Run<Write>, db: Db) -> Result<(), BoxError> {
    let insert = sql("INSERT INTO notes (text) VALUES (?)").bind(job.to.as_str());
    insert.execute(&db).await?;
    match job.to.as_str() {
        "nobody" => Err("there is nobody".into()),
        _ => Ok(()),
    }
}

#[tokio::test]
async fn in_a_transaction_what_a_job_writes_is_part_of_it_and_its_failure_undoes_both() {
    let notes = App::new("notes")
        .module(atlas::defaults())
        .module(atlas::db::module())
        .module(atlas::jobs::module())
        .module(Module::new("notes").contribute(handler(note)));
    let app = TestApp::builder(notes).inline_jobs().start().await;
    let (jobs, db): (Jobs, Db) = (app.component(), app.component());
    let create = "CREATE TABLE notes (text VARCHAR(20))";
    db.execute_unprepared(create).await.unwrap();
    for (to, count) in [("nobody", 0), ("anna", 2)] {
        let ended: Result<(), BoxError> = db
            .transaction(|| async {
                let insert = sql("INSERT INTO notes (text) VALUES ('order')");
                insert.execute(&db).await?;
                jobs.enqueue(letter(to)).await?;
                Ok(())
            })
            .await;
        assert_eq!(ended.is_ok(), count > 0, "{ended:?}");
        let all = sql("SELECT text FROM notes").statement(&db).unwrap();
        assert_eq!(db.query_all_raw(all).await.unwrap().len(), count);
    }
    app.stop().await;
}
