//! Replicas that die, hang, and come back, also as another than they were.

use std::{
    fs,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use atlas_config::Profile;
use atlas_core::{App, Component, HealthCheck, Module, scope};
use atlas_db::{Db, DbConfig, sea_orm::ConnectionTrait};

use super::cluster::{in_rotation, number, on_every_cluster, port, ports, until};

/// The interval of these tests.
const INTERVAL: Duration = Duration::from_secs(1);

fn quick(config: &mut DbConfig) {
    config.replica_check_interval = INTERVAL.into();
}

on_every_cluster! {
    async fn a_replica_that_dies_leaves_the_rotation_and_returns(cluster: 2) {
        let db = cluster.db_with(quick).await;
        let (primary, replicas) = (cluster.primary_port(), cluster.replica_ports());

        // readers that never see any of it
        let (stop, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let readers: Vec<_> = (0..8)
            .map(|_| {
                let (db, stop, reads) = (db.clone(), Arc::clone(&stop), Arc::clone(&reads));
                tokio::spawn(async move {
                    while !stop.load(Ordering::Relaxed) {
                        let n = scope::enter(number(&db, "SELECT n FROM counters WHERE id = 0"));
                        assert_eq!(n.await.unwrap(), 0);
                        reads.fetch_add(1, Ordering::Relaxed);
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                })
            })
            .collect();

        cluster.replicas[0].kill();
        let killed = Instant::now();
        until("it to leave", || !in_rotation(&db)[0]).await;
        let took = killed.elapsed();
        assert!(took <= INTERVAL, "{took:?}");
        assert_eq!(ports(&db).await.keys().copied().collect::<Vec<_>>(), [replicas[1]]);

        cluster.replicas[1].kill();
        until("the other one to leave", || !in_rotation(&db)[1]).await;
        assert_eq!(ports(&db).await.keys().copied().collect::<Vec<_>>(), [primary]);

        for replica in &cluster.replicas {
            replica.start_again().unwrap();
            replica.resume_replay().ok();
        }
        until("both to return", || in_rotation(&db).iter().all(|it| *it)).await;
        let mut back: Vec<i64> = ports(&db).await.into_keys().collect();
        let mut expected = replicas.clone();
        back.sort_unstable();
        expected.sort_unstable();
        assert_eq!(back, expected);

        stop.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.await.unwrap();
        }
        assert!(reads.load(Ordering::Relaxed) > 100);
    }
}

on_every_cluster! {
    async fn a_dead_replica_leaves_without_any_read_on_it(cluster: 1) {
        let db = cluster.db_with(quick).await;
        cluster.replicas[0].kill();
        let killed = Instant::now();
        until("it to leave", || !in_rotation(&db)[0]).await;
        let took = killed.elapsed();
        assert!(took <= INTERVAL, "{took:?}");

        cluster.replicas[0].start_again().unwrap();
        cluster.replicas[0].resume_replay().ok();
        until("it to return", || in_rotation(&db)[0]).await;

        // one that hangs is as good as dead
        cluster.replicas[0].pause();
        let hung = Instant::now();
        until("it to leave", || !in_rotation(&db)[0]).await;
        let took = hung.elapsed();
        assert!(took <= INTERVAL + Duration::from_millis(100), "{took:?}");
        assert_eq!(port(&db).await, cluster.primary_port());
        cluster.replicas[0].resume();
        until("it to return", || in_rotation(&db)[0]).await;
    }
}

#[derive(Clone)]
struct Checks(Vec<HealthCheck>);

impl Component for Checks {}

on_every_cluster! {
    async fn readiness_depends_on_the_primary_alone(cluster: 1) {
        let mut config = cluster.config();
        quick(&mut config);
        let app = App::new("counters")
            .module(atlas_db::module())
            .module(Module::new("checks").provide(Checks).supply(Profile::Test))
            .with(move |module| module.replace(move || config.clone()));
        let (db, Checks(checks)): (Db, Checks) = app.resolve().await.unwrap();
        assert_eq!(checks.len(), 1);
        assert!(checks[0].is_critical());
        db.ping().await.unwrap();
        until("the replica", || in_rotation(&db)[0]).await;

        cluster.replicas[0].kill();
        until("it to leave", || !in_rotation(&db)[0]).await;
        checks[0].check().await.unwrap();
        cluster.primary.kill();
        until("the primary to be missed", || {
            futures_now(checks[0].check()).is_err()
        })
        .await;
    }
}

/// The outcome of a future, for a closure that cannot wait.
fn futures_now<F: Future>(future: F) -> F::Output {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(future))
}

on_every_cluster! {
    async fn a_replica_that_comes_back_with_older_data_serves_nobody_who_knows_better(cluster: 1) {
        let replica = &cluster.replicas[0];
        let db = cluster.db_with(|config| {
            // no check comes in between, and no connection at rest breaks: new connections alone must tell
            config.replica_check_interval = Duration::from_secs(240).into();
            config.max_lag = Duration::from_secs(3600).into();
            config.idle_timeout = Duration::from_millis(1).into();
        })
        .await;
        let n = "SELECT n FROM counters WHERE id = 0";

        // a copy of its data, of which it will not replay more
        replica.set_delay(Duration::from_secs(3600)).unwrap();
        replica.stop();
        let (data, old) = (replica.folder().join("data"), replica.folder().join("old"));
        let copied = Command::new("cp").arg("-a").arg(&data).arg(&old).status().unwrap();
        assert!(copied.success());
        replica.start_again().unwrap();
        replica.set_delay(Duration::ZERO).unwrap();
        replica.resume_replay().ok();

        let session = db.session("ann");
        let write = db.execute_unprepared("UPDATE counters SET n = 9 WHERE id = 0");
        scope::enter(session.run(write)).await.unwrap();
        replica.catch_up(&cluster.primary).unwrap();
        until("the replica to serve the write", || {
            futures_now(scope::enter(session.run(port(&db)))) == cluster.replica_ports()[0]
        })
        .await;

        replica.kill();
        fs::rename(&data, replica.folder().join("new")).unwrap();
        fs::rename(&old, &data).unwrap();
        replica.start_again().unwrap();
        let direct = Db::new(&DbConfig::at(replica.url_of("postgres"))).unwrap();
        assert_eq!(number(&direct, n).await.unwrap(), 0, "it is in the past, and stays there");

        for _ in 0..200 {
            let (seen, anybody) = tokio::join!(
                scope::enter(session.run(number(&db, n))),
                scope::enter(number(&db, n)),
            );
            assert_eq!(seen.unwrap(), 9);
            anybody.unwrap();
        }
    }
}
