//! Reads of many rows, which take the way of all reads.

use std::time::Duration;

use atlas_core::scope;
use atlas_db::{
    Db, Engine, Error,
    sea_orm::{ConnectionTrait, FromQueryResult, Statement},
};
use tokio::time::timeout;

use super::cluster::{Cluster, engine, on_every_cluster, port, sql, until};

#[derive(Debug, FromQueryResult)]
struct Row {
    n: i64,
}

/// The column `n` of all rows.
async fn streamed(db: &Db, text: &str) -> Result<Vec<i64>, Error> {
    let mut rows = db.stream_as::<Row>(sql(db, text));
    let mut found = Vec::new();
    while let Some(row) = rows.next().await {
        found.push(row?.n);
    }
    Ok(found)
}

/// The port of the server that streams.
async fn port_of_stream(db: &Db) -> i64 {
    streamed(db, "SELECT {port} AS n FROM counters")
        .await
        .unwrap()[0]
}

async fn soon<T>(work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(60), work).await.unwrap()
}

/// A table with so many rows, here and there.
async fn crumbs(cluster: &Cluster, db: &Db, count: i64) {
    scope::enter(async {
        let create = "CREATE TABLE crumbs (id BIGINT PRIMARY KEY)";
        db.execute_unprepared(create).await.unwrap();
        let rows: Vec<String> = (0..count).map(|id| format!("({id})")).collect();
        let insert = format!("INSERT INTO crumbs VALUES {}", rows.join(", "));
        db.execute_unprepared(&insert).await.unwrap();
    })
    .await;
    cluster.catch_up();
}

/// Rows enough to keep a reader busy: a crumb for each pair of crumbs.
fn many(db: &Db) -> Statement {
    sql(db, "SELECT a.id AS n FROM crumbs a CROSS JOIN crumbs b")
}

on_every_cluster! {
    async fn a_stream_is_routed_as_any_other_read(cluster: 1) {
        let db = cluster.db().await;
        let (primary, replica) = (cluster.primary_port(), cluster.replica_ports()[0]);
        let before = db.replicas()[0].reads;
        assert_eq!(scope::enter(port_of_stream(&db)).await, replica);
        assert_eq!(db.replicas()[0].reads, before + 1);

        let locking = "SELECT {port} AS n FROM counters FOR UPDATE";
        assert_eq!(scope::enter(streamed(&db, locking)).await.unwrap(), [primary]);
        assert_eq!(scope::enter(db.on_primary(port_of_stream(&db))).await, primary);
        let inside = db.transaction(|| async { Ok::<_, Error>(port_of_stream(&db).await) });
        assert_eq!(scope::enter(inside).await.unwrap(), primary);

        // it sees what was written before it
        cluster.replicas[0].pause_replay().unwrap();
        scope::enter(async {
            assert_eq!(port_of_stream(&db).await, replica);
            db.execute_raw(sql(&db, "UPDATE counters SET n = 7 WHERE id = 0")).await.unwrap();
            assert_eq!(streamed(&db, "SELECT n FROM counters WHERE id = 0").await.unwrap(), [7]);
            assert_eq!(port_of_stream(&db).await, primary);
        })
        .await;
        cluster.replicas[0].resume_replay().unwrap();

        // what only the primary can do is done there, and fails with its words
        let nowhere = streamed(&db, "SELECT nothing AS n FROM nowhere").await.unwrap_err();
        assert!(nowhere.to_string().contains("nowhere"), "{nowhere}");
        if engine(&db) == Engine::Postgres {
            scope::enter(db.execute_unprepared("CREATE SEQUENCE tickets")).await.unwrap();
            cluster.catch_up();
            let next = "SELECT nextval('tickets') AS n";
            assert_eq!(scope::enter(streamed(&db, next)).await.unwrap(), [1]);
        }
    }
}

on_every_cluster! {
    async fn a_stream_that_is_dropped_gives_its_connection_to_the_replica_back(cluster: 1) {
        let replica = cluster.replica_ports()[0];
        let db = cluster.db_with(|config| config.max_connections = 2).await;
        crumbs(cluster, &db, 300).await;
        until("the replica to be known to have it", || db.replicas()[0].in_rotation).await;
        let before = db.replicas()[0].reads;
        for _ in 0..10 {
            let mut rows = db.stream_as::<Row>(many(&db));
            for _ in 0..3 {
                soon(rows.next()).await.unwrap().unwrap();
            }
        }
        assert_eq!(soon(port_of_stream(&db)).await, replica);
        assert_eq!(soon(port(&db)).await, replica);
        // those that were dropped are no reads that came to their end
        assert!(db.replicas()[0].reads > before);
    }
}

on_every_cluster! {
    async fn a_stream_moves_before_its_first_row_and_not_behind_it(cluster: 1) {
        let db = cluster.db().await;
        let primary = cluster.primary_port();
        crumbs(cluster, &db, 1_500).await;
        assert_ne!(scope::enter(port_of_stream(&db)).await, primary);
        let mut rows = db.stream_as::<Row>(many(&db));
        soon(rows.next()).await.unwrap().unwrap();
        cluster.replicas[0].kill();
        // two million rows do not fit into what lies between the two
        let error = loop {
            if let Err(error) = soon(rows.next()).await.expect("an error before the end") {
                break error;
            }
        };
        assert!(error.is_transient(), "{error}");
        assert!(rows.next().await.is_none());
        assert_eq!(scope::enter(port_of_stream(&db)).await, primary);
    }
}

on_every_cluster! {
    async fn nobody_watches_the_servers_of_a_handle_that_is_closed(cluster: 1) {
        let db = cluster.db().await;
        let runtime = tokio::runtime::Handle::current();
        db.close().await;
        // those that watched are gone a moment later
        let before = {
            let quiet = || runtime.metrics().num_alive_tasks();
            until("the tasks to end", || quiet() == 0).await;
            quiet()
        };
        let read = streamed(&db, "SELECT n FROM counters").await;
        assert!(read.is_err());
        assert!(db.ping().await.is_err());
        db.route("SELECT 1");
        assert_eq!(runtime.metrics().num_alive_tasks(), before);
    }
}
