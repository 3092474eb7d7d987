//! Replicas that fall behind.

use std::time::Duration;

use atlas_core::scope;
use atlas_db::{Db, sea_orm::ConnectionTrait};

use super::cluster::{in_rotation, number, on_every_cluster, port, until, until_served_by};
use crate::metrics::measured;

/// Long enough that a busy machine reads from a replica while it lags a little.
const MAX_LAG: Duration = Duration::from_secs(4);

async fn write(db: &Db, n: i64) {
    let sql = format!("UPDATE counters SET n = {n} WHERE id = 0");
    scope::enter(db.execute_unprepared(&sql)).await.unwrap();
}

on_every_cluster! {
    async fn a_replica_that_lags_too_much_is_left_out_until_it_has_caught_up(cluster: 1) {
        let mut config = cluster.config();
        config.replica_check_interval = Duration::from_secs(2).into();
        config.max_lag = MAX_LAG.into();
        let (db, scrape) = measured(config).await;
        db.ping().await.unwrap();
        until("the replica", || in_rotation(&db)[0]).await;
        let metric = |name: &str| -> f64 {
            let text = scrape.read();
            let line = text.lines().find(|it| it.starts_with(&format!("{name}{{"))).unwrap().to_owned();
            assert!(line.contains(r#"db_client_replica_name="replica-1""#), "{line}");
            line.rsplit(' ').next().unwrap().parse().unwrap()
        };
        assert!(metric("db_client_replica_lag_seconds") < MAX_LAG.as_secs_f64());
        assert_eq!(metric("db_client_replica_in_rotation"), 1.0);
        let place = db.replicas()[0].place.clone();
        assert!(scrape.read().contains(&format!("server_address=\"{place}\"")), "{place}");

        // nothing to replay is no lag, however long that lasts
        cluster.replicas[0].pause_replay().unwrap();
        tokio::time::sleep(MAX_LAG + Duration::from_millis(500)).await;
        until("a replica that has everything to serve", || in_rotation(&db)[0]).await;

        // it lacks something, for longer and longer; a machine that stands still meanwhile gets a second and a third go
        let mut goes = 0..3;
        loop {
            let mut oldest = 0;
            write(&db, 1).await;
            until("it to be left out", || {
                let served_by = tokio::task::block_in_place(|| {
                    tokio::runtime::Handle::current().block_on(scope::enter(port(&db)))
                });
                oldest += i32::from(served_by != cluster.primary_port());
                // one that answered a check late is out as well, and lags little
                !in_rotation(&db)[0] && db.replicas()[0].lag > MAX_LAG
            })
            .await;
            if oldest > 0 {
                break;
            }
            goes.next().expect("while it lagged a little, it served");
            cluster.replicas[0].resume_replay().unwrap();
            until("it to return", || in_rotation(&db)[0]).await;
            cluster.replicas[0].pause_replay().unwrap();
        }
        let lag = metric("db_client_replica_lag_seconds");
        assert!(lag > MAX_LAG.as_secs_f64(), "{lag}");
        assert_eq!(metric("db_client_replica_in_rotation"), 0.0);
        let reads = metric("db_client_replica_reads_total");
        for _ in 0..20 {
            scope::enter(async {
                assert_eq!(port(&db).await, cluster.primary_port());
                assert_eq!(number(&db, "SELECT n FROM counters WHERE id = 0").await.unwrap(), 1);
            })
            .await;
        }
        assert_eq!(metric("db_client_replica_reads_total"), reads);

        cluster.replicas[0].resume_replay().unwrap();
        scope::enter(until_served_by(&db, &cluster.replica_ports())).await;
        let seen = scope::enter(number(&db, "SELECT n FROM counters WHERE id = 0")).await;
        assert_eq!(seen.unwrap(), 1);
    }
}

on_every_cluster! {
    async fn one_that_always_replays_late_serves_those_who_wrote_nothing(cluster: 1) {
        cluster.replicas[0].set_delay(Duration::from_secs(1)).unwrap();
        let db = cluster.db().await;
        for n in 1..=30 {
            // an answer that came too late, on a busy machine, takes it out for a moment
            until("the replica", || in_rotation(&db)[0]).await;
            scope::enter(async {
                assert_eq!(port(&db).await, cluster.replica_ports()[0], "before it wrote");
                db.execute_unprepared(&format!("UPDATE counters SET n = {n} WHERE id = 0"))
                    .await
                    .unwrap();
                let seen = number(&db, "SELECT n FROM counters WHERE id = 0").await.unwrap();
                assert_eq!(seen, n);
            })
            .await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
