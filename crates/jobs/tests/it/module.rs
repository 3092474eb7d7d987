//! Jobs as part of an app.

use std::sync::Arc;

use atlas_config::{Config, Options};
use atlas_core::{App, HealthCheck};
use atlas_db::Db;
use atlas_jobs::{
    Error, Job, Jobs,
    clock::{Clock, TestClock},
    store::Store,
};
use serde::{Deserialize, Serialize};

/// An app with a database in memory and these keys.
fn app(keys: &[(&'static str, &'static str)]) -> App {
    let mut options = Options::default().set("database.url", "sqlite::memory:");
    for (key, value) in keys {
        options = options.set(*key, *value);
    }
    App::new("letters")
        .module(atlas_config::module())
        .module(atlas_db::module())
        .module(atlas_jobs::module())
        .with(move |module| module.replace(move || Config::load(&options)))
}

#[tokio::test]
async fn jobs_are_kept_in_the_database_of_the_app_unless_it_says_otherwise() {
    for (keys, name) in [
        (&[][..], "sqlite"),
        (&[("jobs.store", "database")], "sqlite"),
        (&[("jobs.store", "memory")], "memory"),
    ] {
        let store: Arc<dyn Store> = app(keys).resolve().await.unwrap();
        assert_eq!(store.name(), name);
    }
}

#[tokio::test]
async fn the_tables_are_made_by_the_migrations_of_the_app() {
    let app = app(&[]).expose::<(Db, Arc<dyn Store>)>();
    let running = app.start().await.unwrap();
    let store: Arc<dyn Store> = running.get().unwrap();
    assert!(store.stats(true).await.unwrap().queues.is_empty());
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_store_that_cannot_be_used_ends_the_start_with_a_page() {
    // no component of the app asks for the migration to be applied, and none has been
    let other = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", other.path().join("empty.sqlite").display());
    let db = Db::new(&atlas_db::DbConfig::at(url)).unwrap();
    let app = app(&[])
        .with(move |module| module.replace(move || db.clone()))
        .expose::<Arc<dyn Store>>();
    let error = app.start().await.unwrap_err();
    let diagnostic = error.diagnostic().expect("a diagnostic");
    assert_eq!(diagnostic.code(), "A421", "{error}");
    assert_eq!(error.exit_code(), 69);
}

#[tokio::test]
async fn a_store_that_is_away_makes_the_app_not_ready_if_it_is_required() {
    for (readiness, critical) in [("required", true), ("optional", false)] {
        let checks: Vec<HealthCheck> = app(&[("jobs.readiness", readiness)])
            .resolve()
            .await
            .unwrap();
        let check = checks.iter().find(|it| it.name() == "jobs").unwrap();
        assert_eq!(check.is_critical(), critical);
        check.check().await.unwrap();
    }
}

#[tokio::test]
async fn a_store_in_memory_follows_the_clock_of_the_app() {
    let clock = TestClock::new();
    let shared = clock.clone();
    let app = app(&[("jobs.store", "memory")])
        .with(|module| module.provide(move || -> Arc<dyn Clock> { Arc::new(shared) }));
    let store: Arc<dyn Store> = app.resolve().await.unwrap();
    assert_eq!(store.now().await.unwrap(), clock.now());
    clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!(store.now().await.unwrap(), clock.now());
}

#[derive(Serialize, Deserialize)]
struct Letter;

impl Job for Letter {
    const KIND: &'static str = "letter";
}

#[tokio::test]
async fn with_an_outbox_a_job_of_another_store_is_there_if_the_transaction_commits() {
    let app = app(&[("jobs.store", "memory"), ("jobs.outbox", "true")])
        .expose::<(Db, Jobs, Arc<dyn Store>)>();
    let running = app.start().await.unwrap();
    let (db, jobs): (Db, Jobs) = (running.get().unwrap(), running.get().unwrap());
    let store: Arc<dyn Store> = running.get().unwrap();
    let letters = async || store.stats(true).await.unwrap().queues.len();

    let undone: Result<(), Error> = db
        .transaction(|| async {
            jobs.enqueue(Letter).await?;
            Err(Error::Invalid("no".into()))
        })
        .await;
    undone.unwrap_err();
    db.transaction(|| async {
        let enqueued = jobs.enqueue(Letter).await?;
        assert_eq!(letters().await, 0, "it has not committed");
        Ok::<_, Error>(enqueued)
    })
    .await
    .unwrap();
    let moved = tokio::time::timeout(std::time::Duration::from_secs(30), async {
        while letters().await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    moved.await.unwrap();
    let stats = store.stats(true).await.unwrap();
    assert_eq!(stats.queues["default"].jobs.values().sum::<u64>(), 1);
    running.stop().await.unwrap();
}

#[tokio::test]
async fn an_outbox_without_a_database_ends_the_start() {
    let options = Options::default()
        .set("jobs.store", "memory")
        .set("jobs.outbox", "true");
    let app = App::new("letters")
        .module(atlas_config::module())
        .module(atlas_jobs::module())
        .with(move |module| module.replace(move || Config::load(&options)))
        .expose::<Arc<dyn Store>>();
    let error = app.start().await.unwrap_err();
    let diagnostic = error.diagnostic().expect("a diagnostic");
    assert_eq!(diagnostic.code(), "A420", "{error}");
    assert!(
        error.to_string().contains("cannot go through an outbox"),
        "{error}"
    );
    assert_eq!(error.exit_code(), 78);
}
