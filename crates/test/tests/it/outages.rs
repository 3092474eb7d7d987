//! A database that goes away below a service, and a client that goes away above it.

use std::future::pending;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use atlas::db::sea_orm::{ConnectionTrait, Statement};
use atlas::db::{Db, DbConfig, Engine, Readiness};
use atlas::prelude::*;
use atlas_test::TestApp;
use atlas_test::servers::{Kind, Server, skipped};
use serde_json::Value;
use tokio::sync::Notify;

use crate::database::{fresh, on_every_engine};
use crate::notes::{self, Notes};

/// Long enough for the busiest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What `/readyz` answers, and its report on the database.
async fn readiness(app: &TestApp) -> (u16, Value, Value) {
    let answer = app.get("/readyz?verbose").await;
    let (status, report) = (answer.code().as_u16(), answer.value());
    let checks = report["checks"].as_array().expect("a list of checks");
    let database = checks.iter().find(|it| it["name"] == "database");
    let database = database.expect("the database is checked").clone();
    (status, report["status"].clone(), database)
}

/// Asks until the database is reported so; how the service answers then.
async fn once_it_is(app: &TestApp, state: &str) -> (u16, Value, Value) {
    let began = Instant::now();
    loop {
        let (status, ready, database) = readiness(app).await;
        if database["status"] == state {
            return (status, ready, database);
        }
        assert!(began.elapsed() < PATIENCE, "not {state}: {database}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn a_dead_database(kind: Kind) {
    let start = move || Server::start(kind);
    let server = match tokio::task::spawn_blocking(start).await.expect("no panic") {
        Ok(server) => server,
        Err(absent) => return skipped(&absent),
    };
    server.run("CREATE DATABASE notes").expect("a database");
    let start = |readiness| {
        let second = Duration::from_secs(1);
        let config = DbConfig {
            readiness,
            acquire_timeout: second.into(),
            connect_timeout: second.into(),
            ..DbConfig::at(server.url_of("notes"))
        };
        TestApp::builder(notes::app()).swap(config).start()
    };
    let (optional, required) = (
        start(Readiness::Optional).await,
        start(Readiness::Required).await,
    );
    for app in [&optional, &required] {
        let (status, ready, _) = once_it_is(app, "ok").await;
        assert_eq!((status, ready), (200, "ready".into()));
    }

    server.kill();
    let (status, ready, database) = once_it_is(&optional, "failing").await;
    assert_eq!((status, ready), (200, "ready".into()));
    assert_eq!(database["critical"], false);
    let error = database["error"].as_str().unwrap_or_default();
    assert!(!error.is_empty(), "{database}");
    optional.get("/readyz").await.status(200);
    let (status, ready, database) = once_it_is(&required, "failing").await;
    assert_eq!((status, ready), (503, "not_ready".into()));
    assert_eq!(database["critical"], true);

    server.start_again().expect("it comes back");
    for app in [optional, required] {
        let (status, ready, _) = once_it_is(&app, "ok").await;
        assert_eq!((status, ready), (200, "ready".into()));
        app.get("/notes").await.status(405);
        app.stop().await;
    }
}

mod a_service_that_can_do_without_its_database_stays_ready_and_says_what_is_wrong {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        a_dead_database(Kind::Postgres).await;
    }
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn mariadb() {
        a_dead_database(Kind::MariaDb).await;
    }
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn mysql() {
        a_dead_database(Kind::MySql).await;
    }
    #[tokio::test]
    async fn sqlite() {
        let app = TestApp::builder(notes::app())
            .set("database.readiness", "optional")
            .database(Engine::Sqlite)
            .expose::<Db>();
        let app = app.start().await;
        once_it_is(&app, "ok").await;
        app.component::<Db>().close().await;
        let (status, ready, database) = once_it_is(&app, "failing").await;
        assert_eq!((status, ready), (200, "ready".into()));
        assert_eq!(database["critical"], false);
        app.stop().await;
    }
}

/// Changes a note in a transaction, says so, and never comes to an end.
struct Stalling {
    db: Db,
    changed: Arc<Notify>,
}

impl Notes for Stalling {
    fn add(&self, _: String) -> notes::Answer<'_, i64> {
        Box::pin(async move {
            let stalled = self.db.transaction(|| async {
                let change = "UPDATE notes SET text = 'half done' WHERE id = 1";
                self.db.execute_unprepared(change).await?;
                self.changed.notify_one();
                pending::<Result<i64, atlas::db::Error>>().await
            });
            stalled.await.map_err(Error::from)
        })
    }

    fn find(&self, _: i64) -> notes::Answer<'_, Option<String>> {
        Box::pin(async { Ok(None) })
    }
}

async fn text(db: &Db) -> String {
    let sql = "SELECT text FROM notes WHERE id = 1";
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.expect("an answer");
    row.expect("a row").try_get_by_index(0).expect("a text")
}

on_every_engine! {
    async fn a_client_that_hangs_up_takes_back_what_its_request_has_written(engine: Engine) {
        let Some(probe) = fresh(engine, Vec::new()).await else { return };
        probe.remove().await;
        let changed = Arc::new(Notify::new());
        let app = TestApp::builder(notes::app())
            .database(engine)
            .replace({
                let changed = Arc::clone(&changed);
                move |db: Db| -> Arc<dyn Notes> {
                    Arc::new(Stalling { db, changed: Arc::clone(&changed) })
                }
            })
            .expose::<Db>()
            .start()
            .await;
        let url = app.url();
        let mut client = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
        let body = r#"{"text":"sing"}"#;
        let request = format!(
            "POST /notes HTTP/1.1\r\nhost: notes\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        client.write_all(request.as_bytes()).expect("it is sent");
        tokio::time::timeout(PATIENCE, changed.notified()).await.expect("the handler begins");
        let db = app.component::<Db>();
        assert_eq!(text(&db).await, "buy tea", "nobody else sees what is not committed");

        drop(client);
        // as long as the transaction is open, its row (or on SQLite the only writer) is taken
        let began = Instant::now();
        let changed = loop {
            let change = "UPDATE notes SET text = 'sing' WHERE id = 1 AND text = 'buy tea'";
            match db.execute_unprepared(change).await {
                Ok(done) => break done.rows_affected(),
                Err(error) => assert!(began.elapsed() < PATIENCE, "it stays open: {error}"),
            }
        };
        assert_eq!(changed, 1, "what the request has written was taken back");
        assert_eq!(text(&db).await, "sing");
        app.stop().await;
    }
}
