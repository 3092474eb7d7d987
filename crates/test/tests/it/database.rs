//! A database for each test, on every engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use atlas::db::sea_orm::sea_query::{Alias, ColumnDef, ForeignKey, Table};
use atlas::db::sea_orm::{ConnectionTrait, DbErr, Statement};
use atlas::db::{Db, DbConfig, Engine, Migration, Schema};
use atlas_test::servers::skipped;
use atlas_test::{TestApp, TestDatabase};
use serde_json::json;

use crate::notes;

/// Runs the body on each engine, as a test of its own.
macro_rules! on_every_engine {
    ($($(#[$attribute:meta])* async fn $name:ident($engine:ident: Engine) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn body($engine: Engine) $body

            #[tokio::test]
            async fn sqlite() { body(Engine::Sqlite).await; }
            #[tokio::test]
            async fn postgres() { body(Engine::Postgres).await; }
            #[tokio::test]
            async fn mariadb() { body(Engine::MariaDb).await; }
            #[tokio::test]
            async fn mysql() { body(Engine::MySql).await; }
        }
    )+};
}

pub(crate) use on_every_engine;

/// A fresh database, or nothing where there is no server.
pub(crate) async fn fresh(
    engine: Engine,
    migrations: Vec<Arc<dyn Migration>>,
) -> Option<TestDatabase> {
    match TestDatabase::fresh(engine, migrations).await {
        Ok(test) => Some(test),
        Err(absent) => {
            skipped(&absent);
            None
        }
    }
}

async fn number(db: &Db, sql: &str) -> Result<i64, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await?;
    row.expect("a row").try_get_by_index(0)
}

/// Two tables with a key between them, a row, and a work step that counts how often it was run.
struct Shelves(&'static AtomicU32);

impl Migration for Shelves {
    fn name(&self) -> &'static str {
        "m20261122_000001_shelves"
    }

    fn up(&self, schema: &mut Schema) {
        let column = |name: &'static str| ColumnDef::new(Alias::new(name));
        schema.execute(
            Table::create()
                .table(Alias::new("zz_shelves"))
                .col(
                    column("id")
                        .big_integer()
                        .not_null()
                        .auto_increment()
                        .primary_key(),
                )
                .col(column("label").string_len(40).not_null().unique_key()),
        );
        schema.execute(
            Table::create()
                .table(Alias::new("books"))
                .col(
                    column("id")
                        .big_integer()
                        .not_null()
                        .auto_increment()
                        .primary_key(),
                )
                .col(column("shelf").big_integer().not_null())
                .col(column("title").text().not_null())
                .foreign_key(
                    ForeignKey::create()
                        .from(Alias::new("books"), Alias::new("shelf"))
                        .to(Alias::new("zz_shelves"), Alias::new("id")),
                ),
        );
        schema.sql("INSERT INTO zz_shelves (label) VALUES ('tea')");
        schema.sql("INSERT INTO books (shelf, title) VALUES (1, 'The Book of Tea')");
        let runs = self.0;
        schema.run(move |_| async move {
            runs.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
    }

    fn down(&self, schema: &mut Schema) {
        schema.irreversible("a test never goes back");
    }
}

on_every_engine! {
    async fn each_test_has_a_database_of_its_own_that_was_migrated_once(engine: Engine) {
        static RUNS: [AtomicU32; 4] = [const { AtomicU32::new(0) }; 4];
        let runs = &RUNS[Engine::ALL.iter().position(|it| *it == engine).unwrap()];
        let shelves = || -> Vec<Arc<dyn Migration>> { vec![Arc::new(Shelves(runs))] };
        let Some(one) = fresh(engine, shelves()).await else { return };
        let other = fresh(engine, shelves()).await.unwrap();
        assert_ne!(one.url(), other.url());
        let count = "SELECT count(*) FROM books";
        for test in [&one, &other] {
            assert_eq!(test.db().engine(), engine);
            assert_eq!(number(test.db(), count).await.unwrap(), 1);
        }
        // keys go on behind the rows that were copied, and what they point to is watched
        let insert = "INSERT INTO books (shelf, title) VALUES (1, 'Tea Life')";
        one.db().execute_unprepared(insert).await.unwrap();
        assert_eq!(number(one.db(), "SELECT max(id) FROM books").await.unwrap(), 2);
        let broken = "INSERT INTO books (shelf, title) VALUES (7, 'Nowhere')";
        assert!(one.db().execute_unprepared(broken).await.is_err());
        let twice = "INSERT INTO zz_shelves (label) VALUES ('tea')";
        assert!(one.db().execute_unprepared(twice).await.is_err());
        assert_eq!(number(other.db(), count).await.unwrap(), 1);
        assert!(runs.load(Ordering::SeqCst) <= 1, "the others are copies");

        let config = one.config();
        one.remove().await;
        other.remove().await;
        if engine != Engine::Sqlite {
            let gone = Db::new(&config).unwrap();
            assert!(gone.ping().await.is_err(), "the database is dropped");
        }
    }

    async fn many_tests_at_once_get_one_template(engine: Engine) {
        static RUNS: [AtomicU32; 4] = [const { AtomicU32::new(0) }; 4];
        let runs = &RUNS[Engine::ALL.iter().position(|it| *it == engine).unwrap()];
        struct Slow(Shelves);
        impl Migration for Slow {
            fn name(&self) -> &'static str { "m20261122_000002_slow" }
            fn up(&self, schema: &mut Schema) { self.0.up(schema) }
            fn down(&self, schema: &mut Schema) { self.0.down(schema) }
        }
        let tests = (0..8).map(|_| fresh(engine, vec![Arc::new(Slow(Shelves(runs)))]));
        let tests = futures(tests).await;
        let urls: std::collections::HashSet<_> =
            tests.iter().flatten().map(|test| test.url().to_owned()).collect();
        assert!(urls.len() == 8 || tests.iter().all(Option::is_none));
        assert!(runs.load(Ordering::SeqCst) <= 1);
    }

    async fn an_app_is_migrated_and_seeded_on_the_engine_that_its_test_names(engine: Engine) {
        let Some(probe) = fresh(engine, Vec::new()).await else { return };
        probe.remove().await;
        let app = TestApp::builder(notes::app())
            .database(engine)
            .expose::<Db>()
            .start()
            .await;
        assert_eq!(app.component::<Db>().engine(), engine);
        app.get("/notes/1").await.ok().matches(json!({ "text": "buy tea" }));
        let id = app.post("/notes", json!({ "text": "sing" })).await.created().id();
        app.get(&format!("/notes/{id}")).await.ok();
        let config = app.component::<DbConfig>();
        app.stop().await;
        if engine != Engine::Sqlite {
            let gone = Db::new(&config).unwrap();
            assert!(gone.ping().await.is_err(), "the database is dropped");
        }
    }
}

/// All of them, on this one thread.
async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(value) => {
                done.push(value);
                false
            }
            std::task::Poll::Pending => true,
        });
        match waiting.is_empty() {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    done
}

#[tokio::test]
async fn rows_of_seeds_are_in_the_copy_and_seeds_follow_what_a_test_has_swapped() {
    // what seeds write may depend on parts that this test has changed, so they run again
    let plain = TestApp::start(notes::app()).await;
    plain.get("/notes/1").await.ok();
    let altered = TestApp::builder(notes::app())
        .with(|module| module)
        .start()
        .await;
    altered.get("/notes/1").await.ok();
    let empty = TestApp::builder(notes::app())
        .set("database.seed", "skip")
        .start()
        .await;
    empty.get("/notes/1").await.status(404);
    for app in [plain, altered, empty] {
        app.stop().await;
    }
}

#[tokio::test]
async fn a_test_may_name_its_database_itself() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("mine.sqlite");
    let url = format!("sqlite://{}", file.display());
    let app = TestApp::builder(notes::app())
        .set("database.url", &url)
        .start()
        .await;
    app.get("/notes/1").await.ok();
    app.stop().await;
    assert!(file.exists());
}
