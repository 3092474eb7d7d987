//! Connections that an administrator ends one after the other, under load.

use std::time::Duration;

use atlas_db::{
    Db, DbConfig, Engine,
    sea_orm::{ConnectionTrait, Statement},
};
use tokio::time::{Instant, sleep};

use super::{
    all_back,
    load::{Load, prepare},
};
use crate::{
    metrics::measured,
    support::engines::{TestDb, on_every_server},
};

const CONNECTIONS: u32 = 4;
/// For how long connections are ended.
const STORM: Duration = Duration::from_secs(30);

on_every_server! {
    async fn connections_ended_one_by_one_cost_errors_and_nothing_else(test: TestDb) {
        let (db, scrape) = measured(DbConfig {
            max_connections: CONNECTIONS,
            ..DbConfig::at(&test.url)
        })
        .await;
        prepare(&db).await;
        let load = Load::start(&db, 4, 4);
        let admin = test.open(|config| {
            config.url = test.admin().to_owned();
            config.max_connections = 1;
        });
        let (mut ended, started) = (0, Instant::now());
        // a slow machine needs longer for as many
        while started.elapsed() < STORM || ended <= 100 && started.elapsed() < STORM * 6 {
            ended += u32::from(end_one(test, &admin).await);
            sleep(Duration::from_millis(25)).await;
        }
        assert!(ended > 100, "only {ended} connections were ended");
        assert!(load.failures() > 0, "nobody noticed");

        // those that died at rest are found within a moment; from then on nothing fails any more
        load.go_on(200, 50).await;
        let failures = load.failures();
        load.go_on(500, 100).await;
        assert_eq!(load.failures(), failures, "callers fail long after the storm");
        load.finish(&db).await;
        all_back(&scrape).await;
        assert!(sessions(test, &admin).await.len() <= CONNECTIONS as usize + 1);
        admin.close().await;
        db.close().await;
    }
}

/// Ends one connection of the database; says whether there was one.
async fn end_one(test: &TestDb, admin: &Db) -> bool {
    let sessions = sessions(test, admin).await;
    let Some(id) = sessions.first() else {
        return false;
    };
    let kill = match test.engine {
        Engine::Postgres => format!("SELECT pg_terminate_backend({id})"),
        _ => format!("KILL {id}"),
    };
    // it may be gone by itself already
    admin.execute_unprepared(&kill).await.is_ok()
}

/// The connections of the database, in any order.
async fn sessions(test: &TestDb, admin: &Db) -> Vec<String> {
    let name = test.name();
    let list = match test.engine {
        Engine::Postgres => format!(
            "SELECT CAST(pid AS TEXT) FROM pg_stat_activity WHERE datname = '{name}' ORDER BY random()"
        ),
        _ => format!(
            "SELECT CAST(id AS CHAR) FROM information_schema.processlist WHERE db = '{name}' ORDER BY rand()"
        ),
    };
    let list = Statement::from_string(admin.get_database_backend(), list);
    let rows = admin.query_all_raw(list).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}
