//! What a test sees of transactions: those of the app are real, with all that hangs on them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use atlas::db::sea_orm::{ConnectionTrait, Statement};
use atlas::db::{Db, DbConfig, Engine, Error};
use atlas_test::TestApp;
use atlas_test::servers::skipped;
use serde_json::json;

use crate::database::{fresh, on_every_engine};
use crate::notes;

async fn count(db: &Db) -> i64 {
    let statement = Statement::from_string(db.get_database_backend(), "SELECT count(*) FROM notes");
    let row = db.query_one_raw(statement).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

async fn add(db: &Db) -> Result<(), Error> {
    let insert = "INSERT INTO notes (text) VALUES ('sing')";
    db.execute_unprepared(insert).await?;
    Ok(())
}

async fn start(engine: Engine) -> Option<TestApp> {
    let probe = fresh(engine, Vec::new()).await?;
    probe.remove().await;
    let app = TestApp::builder(notes::app()).database(engine);
    Some(app.expose::<Db>().expose::<DbConfig>().start().await)
}

on_every_engine! {
    async fn nested_transactions_are_savepoints_of_one_that_really_commits(engine: Engine) {
        let Some(app) = start(engine).await else { return };
        let db = app.component::<Db>();
        let outer: Result<(), Error> = db.transaction(|| async {
            add(&db).await?;
            let inner: Result<(), Error> = db.transaction(|| async {
                add(&db).await?;
                Err(atlas::db::sea_orm::DbErr::Custom("no".to_owned()).into())
            }).await;
            assert!(inner.is_err());
            Ok(())
        }).await;
        outer.unwrap();
        assert_eq!(count(&db).await, 2, "the seed's and the outer one");
        app.stop().await;
    }

    async fn hooks_after_the_commit_run_and_those_of_a_rollback_do_not(engine: Engine) {
        let Some(app) = start(engine).await else { return };
        let db = app.component::<Db>();
        let ran = Arc::new(AtomicU32::new(0));
        for fails in [false, true] {
            let (handle, counter) = (db.clone(), Arc::clone(&ran));
            let outcome: Result<(), Error> = db.transaction(|| async move {
                add(&handle).await?;
                handle.after_commit(move || async move {
                    counter.fetch_add(1, Ordering::SeqCst);
                }).await;
                match fails {
                    true => Err(atlas::db::sea_orm::DbErr::Custom("no".to_owned()).into()),
                    false => Ok(()),
                }
            }).await;
            assert_eq!(outcome.is_err(), fails);
        }
        assert_eq!(ran.load(Ordering::SeqCst), 1);
        app.stop().await;
    }

    async fn a_worker_with_connections_of_its_own_sees_what_was_committed(engine: Engine) {
        let Some(app) = start(engine).await else { return };
        app.post("/notes", json!({ "text": "sing" })).await.created();
        // a task of another pool, as a worker's process has
        let config = app.component::<DbConfig>();
        let worker = tokio::spawn(async move {
            let db = Db::new(&config).unwrap();
            let seen = count(&db).await;
            add(&db).await.unwrap();
            db.close().await;
            seen
        });
        assert_eq!(worker.await.unwrap(), 2);
        app.get("/notes/3").await.ok();
        app.stop().await;
    }

    async fn replicas_of_the_configuration_are_left_out(engine: Engine) {
        let Some(probe) = fresh(engine, Vec::new()).await else { return };
        probe.remove().await;
        let nobody = match engine {
            Engine::Sqlite => return,
            Engine::Postgres => "postgres://nobody@127.0.0.1:9/nothing",
            _ => "mysql://nobody@127.0.0.1:9/nothing",
        };
        let folder = tempfile::TempDir::new().unwrap();
        let toml = format!("[database]\nurl = \"{nobody}\"\nreplicas = [\"{nobody}\"]\n");
        std::fs::write(folder.path().join("default.toml"), toml).unwrap();
        let app = TestApp::builder(notes::app())
            .config_dir(folder.path())
            .database(engine)
            .expose::<DbConfig>()
            .start()
            .await;
        assert!(app.component::<DbConfig>().replicas.is_empty());
        app.get("/notes/1").await.ok();
        app.stop().await;
    }
}

/// The line of configuration that moves a service to another engine moves its tests.
#[tokio::test]
async fn the_configured_url_says_which_engine_tests_are_for() {
    if std::env::var_os("ATLAS_TEST_DATABASE").is_some() {
        // says so for all tests
        return;
    }
    if let Err(absent) = atlas_test::servers::shared(atlas_test::servers::Kind::Postgres) {
        return skipped(&absent);
    }
    let folder = tempfile::TempDir::new().unwrap();
    let toml = "[database]\nurl = \"postgres://db.internal/shop\"\n";
    std::fs::write(folder.path().join("default.toml"), toml).unwrap();
    let app = TestApp::builder(notes::app())
        .config_dir(folder.path())
        .expose::<Db>()
        .start()
        .await;
    assert_eq!(app.component::<Db>().engine(), Engine::Postgres);
    app.get("/notes/1").await.ok();
    app.stop().await;
}
