//! A server that is killed under load, and started again.

use std::{sync::Arc, time::Duration};

use atlas_db::{DbConfig, Durability, Engine};
use atlas_servers::Server;
use tokio::time::{Instant, sleep};

use super::{
    all_back,
    load::{Load, prepare},
};
use crate::{
    metrics::measured,
    support::{
        engines::{kind, run},
        value,
    },
};

const CONNECTIONS: u32 = 4;

async fn killed_and_started_again(engine: Engine) {
    let start = move || Server::start(kind(engine));
    let server = match tokio::task::spawn_blocking(start).await.unwrap() {
        Ok(server) => Arc::new(server),
        Err(absent) => return atlas_servers::skipped(&absent),
    };
    run(&server.admin_url(), &engine.create_database("shop")).await;
    let (db, scrape) = measured(DbConfig {
        max_connections: CONNECTIONS,
        durability: Durability::Full,
        acquire_timeout: atlas_config::Duration::from_secs(2),
        connect_timeout: atlas_config::Duration::from_secs(2),
        ..DbConfig::at(server.url_of("shop"))
    })
    .await;
    prepare(&db).await;
    let load = Load::start(&db, 4, 4);
    for _ in 0..2 {
        load.go_on(50, 20).await;
        let failures = load.failures();
        tokio::task::spawn_blocking({
            let server = Arc::clone(&server);
            move || server.kill()
        })
        .await
        .unwrap();
        let patience = Instant::now() + Duration::from_secs(60);
        while load.failures() == failures {
            assert!(Instant::now() < patience, "nobody noticed");
            sleep(Duration::from_millis(5)).await;
        }
        tokio::task::spawn_blocking({
            let server = Arc::clone(&server);
            move || server.start_again()
        })
        .await
        .unwrap()
        .unwrap();
        load.go_on(50, 20).await;
    }
    load.finish(&db).await;
    all_back(&scrape).await;
    assert!(sessions(&server, engine).await <= CONNECTIONS.into());
    db.close().await;
    let patience = Instant::now() + Duration::from_secs(60);
    while sessions(&server, engine).await > 0 {
        assert!(
            Instant::now() < patience,
            "a connection outlived its handle"
        );
        sleep(Duration::from_millis(20)).await;
    }
}

/// How many connections of the database the server has.
async fn sessions(server: &Server, engine: Engine) -> i64 {
    let count = match engine {
        Engine::Postgres => "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'",
        _ => "SELECT count(*) FROM information_schema.processlist WHERE db = 'shop'",
    };
    let admin = atlas_db::Db::new(&DbConfig::at(server.admin_url())).unwrap();
    let count = value(&admin, count).await.parse().unwrap();
    admin.close().await;
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_postgres_comes_back_and_nothing_is_lost() {
    killed_and_started_again(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_mariadb_comes_back_and_nothing_is_lost() {
    killed_and_started_again(Engine::MariaDb).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_mysql_comes_back_and_nothing_is_lost() {
    killed_and_started_again(Engine::MySql).await;
}
