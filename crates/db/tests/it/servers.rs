//! Connections to servers: how a session is set up, and what is said when there is none.

use atlas_config::Duration;
use atlas_core::Kind;
use atlas_db::{
    Db, DbConfig, Durability, Engine, Error, Migration, Migrations, Schema, migration,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};
use tokio::{net::TcpListener, time::Instant};

use crate::support::{
    engines::{fresh, on_every_engine, on_every_server, server},
    golden, value,
};

/// A setting of the session, as the server shows it.
async fn setting(db: &Db, name: &str) -> String {
    match db.engine() {
        Engine::Postgres => value(db, &format!("SELECT current_setting('{name}')")).await,
        _ => value(db, &format!("SELECT CAST(@@session.{name} AS CHAR)")).await,
    }
}

on_every_server! {
    async fn every_session_has_the_promised_settings(test: TestDb) {
        let db = test.open(|config| {
            config.lock_timeout = Duration::from_secs(7);
            config.statement_timeout = Duration::from_secs(90);
        });
        let expected: &[(&str, &str)] = match test.engine {
            Engine::Sqlite => unreachable!(),
            Engine::Postgres => &[
                ("TimeZone", "UTC"),
                ("lock_timeout", "7s"),
                ("statement_timeout", "90s"),
                ("client_connection_check_interval", "2s"),
                ("synchronous_commit", "off"),
            ],
            Engine::MySql => &[
                ("time_zone", "+00:00"),
                ("innodb_lock_wait_timeout", "7"),
                ("lock_wait_timeout", "7"),
                ("max_execution_time", "90000"),
                ("character_set_client", "utf8mb4"),
            ],
            Engine::MariaDb => &[
                ("time_zone", "+00:00"),
                ("innodb_lock_wait_timeout", "7"),
                ("lock_wait_timeout", "7"),
                ("max_statement_time", "90.000000"),
                ("character_set_client", "utf8mb4"),
            ],
        };
        db.ping().await.unwrap();
        for (name, expected) in expected {
            let found = setting(&db, name).await.replace("1min30s", "90s");
            let found = if *name == "statement_timeout" && found == "90s" { "90s".into() } else { found };
            assert_eq!(found, *expected, "{name}");
        }
        if matches!(test.engine, Engine::MySql | Engine::MariaDb) {
            let mode = setting(&db, "sql_mode").await;
            for part in ["STRICT_TRANS_TABLES", "NO_ZERO_DATE", "ERROR_FOR_DIVISION_BY_ZERO", "PIPES_AS_CONCAT"] {
                assert!(mode.contains(part), "{mode}");
            }
        }
    }

    async fn a_statement_that_takes_too_long_is_ended(test: TestDb) {
        let slow = match test.engine {
            Engine::Postgres => "SELECT pg_sleep(30)",
            // a sleep that is interrupted is no error to these
            _ => "SELECT count(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c",
        };
        let db = test.open(|config| config.statement_timeout = Duration::from_millis(1500));
        let started = Instant::now();
        let error = db.execute_unprepared(slow).await.map_err(Error::from).unwrap_err();
        assert!(error.is_overdue(), "{error}");
        assert_eq!(atlas_core::Error::from(error).kind(), Kind::Timeout);
        assert!(started.elapsed() < std::time::Duration::from_secs(25));
        db.ping().await.unwrap();
    }

    async fn a_statement_may_take_long_when_the_code_says_so(test: TestDb) {
        let slow = match test.engine {
            Engine::Postgres => "SELECT 1 FROM pg_sleep(3)",
            _ => "SELECT sleep(3)",
        };
        let db = test.open(|config| {
            config.statement_timeout = Duration::from_millis(1500);
            config.max_connections = 1;
        });
        let row = Statement::from_string(db.get_database_backend(), slow);
        let row = db.without_statement_timeout(db.query_one_raw(row)).await.unwrap();
        assert!(row.is_some());
        let inside: Result<(), Error> = db
            .without_statement_timeout(db.transaction(|| async {
                db.execute_unprepared(slow).await?;
                Ok(())
            }))
            .await;
        inside.unwrap();
        let limit = match test.engine {
            Engine::Postgres => setting(&db, "statement_timeout").await == "1500ms",
            Engine::MySql => setting(&db, "max_execution_time").await == "1500",
            _ => setting(&db, "max_statement_time").await == "1.500000",
        };
        assert!(limit, "the next one is bound again");
    }

    async fn a_migration_may_take_long(test: TestDb) {
        struct Slow;
        impl Migration for Slow {
            fn name(&self) -> &'static str {
                "m1_slow"
            }
            fn up(&self, schema: &mut Schema) {
                schema.sql(match schema.backend() {
                    DbBackend::Postgres => "SELECT pg_sleep(3)",
                    _ => "CREATE TABLE slept AS SELECT sleep(3) AS slept",
                });
            }
            fn down(&self, _: &mut Schema) {}
        }
        let db = test.open(|config| config.statement_timeout = Duration::from_millis(1500));
        let migrations = Migrations::new(db, vec![migration(Slow)]).unwrap();
        assert_eq!(migrations.up().await.unwrap(), ["m1_slow"]);
    }

    async fn an_abandoned_statement_gives_its_place_back(test: TestDb) {
        let slow = match test.engine {
            Engine::Postgres => "SELECT pg_sleep(3600)",
            _ => "SELECT sleep(3600)",
        };
        let db = test.open(|config| {
            config.max_connections = 1;
            config.connect_timeout = Duration::from_secs(5);
            config.acquire_timeout = Duration::from_secs(60);
        });
        let abandoned = tokio::time::timeout(
            std::time::Duration::from_millis(200),
            db.execute_unprepared(slow),
        );
        assert!(abandoned.await.is_err());
        // the statement would go on for an hour
        db.ping().await.unwrap();
        let started = Instant::now();
        if test.engine == Engine::Postgres {
            let running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(3600)%'";
            while value(&test.db, running).await != "0" {
                assert!(started.elapsed() < std::time::Duration::from_secs(60), "the server works on for nobody");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

on_every_engine! {
    async fn values_that_do_not_fit_are_refused_and_not_cut(test: TestDb) {
        let text = "CREATE TABLE tight (words VARCHAR(3) NOT NULL, small SMALLINT NOT NULL)";
        test.db.execute_unprepared(text).await.unwrap();
        for values in ["('long words', 1)", "('ok', 100000)"] {
            let sql = format!("INSERT INTO tight VALUES {values}");
            let outcome = test.db.execute_unprepared(&sql).await.map_err(Error::from);
            if test.engine == Engine::Sqlite {
                assert!(outcome.is_ok(), "SQLite does not mind the size in a type");
            } else {
                let error = outcome.unwrap_err();
                assert!(error.is_too_long(), "{values}: {error}");
                assert_eq!(atlas_core::Error::from(error).kind(), Kind::Invalid);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_on_postgres_waits_for_the_disk_when_it_should() {
    let Some(test) = fresh(Engine::Postgres).await else {
        return;
    };
    for (durability, commit) in [
        (Durability::Full, "on"),
        (Durability::Relaxed, "off"),
        (Durability::None, "off"),
    ] {
        let db = test.open(|config| config.durability = durability);
        assert_eq!(setting(&db, "synchronous_commit").await, commit);
        db.close().await;
    }
    test.remove().await;
}

/// Compares what is said with a golden file, hosts and ports aside.
async fn said(db: Db, code: &str, exit: u8, name: &str, port: u16) {
    let error = Migrations::new(db, Vec::new())
        .unwrap()
        .check()
        .await
        .unwrap_err();
    assert_eq!((error.code(), error.exit_code()), (code, exit), "{error}");
    let words = error.to_string().replace(&format!(":{port}"), ":<port>");
    assert!(!words.contains("hunter2"), "{words}");
    golden(name, &words, "/nowhere".as_ref());
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a206() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://shop:hunter2@127.0.0.1:{port}/shop");
        let db = Db::new(&DbConfig::at(url)).unwrap();
        said(db, "A206", 69, &format!("A206_refused_{scheme}.txt"), port).await;
    }
}

#[tokio::test]
async fn a_host_that_says_nothing_is_a206_after_the_connect_timeout() {
    // accepts, and never answers
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for scheme in ["postgres", "mysql"] {
        let config = DbConfig {
            connect_timeout: Duration::from_millis(200),
            ..DbConfig::at(format!("{scheme}://shop:hunter2@127.0.0.1:{port}/shop"))
        };
        let db = Db::new(&config).unwrap();
        said(db, "A206", 69, &format!("A206_silent_{scheme}.txt"), port).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_know_the_user_or_the_database_is_a209() {
    for engine in [Engine::Postgres, Engine::MariaDb, Engine::MySql] {
        let Some(server) = server(engine).await else {
            continue;
        };
        let (scheme, port) = (
            server.url_of("x").split(':').next().unwrap().to_owned(),
            server.port(),
        );
        let url = format!(
            "{scheme}://nobody:hunter2@{}:{port}/postgres",
            server.host()
        );
        let stranger = Db::new(&DbConfig::at(url)).unwrap();
        let error = stranger.ping().await.unwrap_err();
        assert!(error.is_transient());
        let refused = Migrations::new(stranger, Vec::new())
            .unwrap()
            .check()
            .await
            .unwrap_err();
        assert_eq!(
            (refused.code(), refused.exit_code()),
            ("A209", 78),
            "{refused}"
        );

        let nowhere = Db::new(&DbConfig::at(server.admin_url_of("no_such_shop"))).unwrap();
        let name = format!("A209_no_database_{}.txt", engine.system());
        said(nowhere, "A209", 78, &name, port).await;
    }
}
