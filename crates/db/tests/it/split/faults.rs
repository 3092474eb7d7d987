//! Replicas that die, hang, and come back, also as another than they were.

use std::{
    fs,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Waker},
    time::{Duration, Instant},
};

use atlas_config::Profile;
use atlas_core::{App, Component, HealthCheck, Module, scope};
use atlas_db::{
    Db, DbConfig,
    sea_orm::{ConnectionTrait, DbErr},
};
use tokio::task::JoinHandle;

use super::cluster::{
    Cluster, in_rotation, number, on_every_cluster, port, until, until_served_by,
};

/// The interval of these tests: what must happen within one leaves room for a machine that is busy otherwise.
const INTERVAL: Duration = Duration::from_secs(4);

fn quick(config: &mut DbConfig) {
    config.replica_check_interval = INTERVAL.into();
}

/// What is wanted within one interval, in the best of three goes: a machine that stands still for a moment spoils a
/// measurement, and not the product.
macro_rules! within_an_interval {
    ($what:literal, $go:expr) => {{
        let mut took = Vec::new();
        loop {
            took.push($go);
            match took.last() {
                Some(it) if *it <= INTERVAL => break,
                _ => assert!(took.len() < 3, "{}: {took:?}", $what),
            }
        }
    }};
}

/// Readers that never see any of it, eight at once.
struct Readers {
    stop: Arc<AtomicBool>,
    reads: Arc<AtomicU64>,
    tasks: Vec<JoinHandle<Result<(), DbErr>>>,
}

impl Readers {
    fn start(db: &Db) -> Self {
        let (stop, reads) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let read = |_| {
            let (db, stop, reads) = (db.clone(), Arc::clone(&stop), Arc::clone(&reads));
            // an error is handed over and not shouted: when the test fails, the servers go before the readers do
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let n = scope::enter(number(&db, "SELECT n FROM counters WHERE id = 0"));
                    assert_eq!(n.await?, 0);
                    reads.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Ok(())
            })
        };
        let tasks = (0..8).map(read).collect();
        Self { stop, reads, tasks }
    }

    /// All of their reads were answered, and there were some.
    async fn had_answers(self) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap().unwrap();
        }
        assert!(self.reads.load(Ordering::Relaxed) > 100);
    }
}

/// Brings a replica back, and waits until it answers reads.
async fn bring_back(db: &Db, cluster: &Cluster, replica: usize) {
    cluster.replicas[replica].start_again().unwrap();
    cluster.replicas[replica].resume_replay().ok();
    until("it to return", || in_rotation(db)[replica]).await;
}

on_every_cluster! {
    async fn a_replica_that_dies_leaves_the_rotation_and_returns(cluster: 2) {
        let db = cluster.db_with(quick).await;
        let (primary, replicas) = (cluster.primary_port(), cluster.replica_ports());
        let readers = Readers::start(&db);

        within_an_interval!("the first one to leave", {
            if cluster.replicas[0].pid().is_none() {
                bring_back(&db, cluster, 0).await;
            }
            cluster.replicas[0].kill();
            let killed = Instant::now();
            until("it to leave", || !in_rotation(&db)[0]).await;
            killed.elapsed()
        });
        until_served_by(&db, &[replicas[1]]).await;

        cluster.replicas[1].kill();
        until("the other one to leave", || !in_rotation(&db)[1]).await;
        until_served_by(&db, &[primary]).await;

        bring_back(&db, cluster, 0).await;
        bring_back(&db, cluster, 1).await;
        until_served_by(&db, &replicas).await;
        readers.had_answers().await;
    }
}

on_every_cluster! {
    async fn a_dead_replica_leaves_without_any_read_on_it(cluster: 1) {
        let db = cluster.db_with(quick).await;
        within_an_interval!("the dead one to leave", {
            cluster.replicas[0].kill();
            let killed = Instant::now();
            until("it to leave", || !in_rotation(&db)[0]).await;
            let took = killed.elapsed();
            bring_back(&db, cluster, 0).await;
            took
        });

        // one that hangs is as good as dead
        within_an_interval!("the one that hangs to leave", {
            cluster.replicas[0].pause();
            let hung = Instant::now();
            until("it to leave", || !in_rotation(&db)[0]).await;
            let took = hung.elapsed();
            until_served_by(&db, &[cluster.primary_port()]).await;
            cluster.replicas[0].resume();
            until("it to return", || in_rotation(&db)[0]).await;
            took
        });
    }
}

on_every_cluster! {
    async fn a_connection_from_before_its_death_does_not_take_a_replica_out_again(cluster: 1) {
        let db = cluster.db_with(quick).await;
        let replica = cluster.replica_ports()[0];
        // two connections: one shows that the replica is dead, while the answer on the other one lies there already
        tokio::join!(port(&db), port(&db));
        let nobody = &mut Context::from_waker(Waker::noop());
        let answered = loop {
            let mut read = Box::pin(port(&db));
            // a server that is quicker than one look is asked again
            if read.as_mut().poll(nobody).is_pending() {
                break read;
            }
        };
        tokio::time::sleep(Duration::from_millis(300)).await;
        cluster.replicas[0].kill();
        until("it to leave", || {
            futures_now(port(&db));
            !in_rotation(&db)[0]
        })
        .await;
        tokio::time::sleep(Duration::from_millis(10)).await;
        answered.await;

        bring_back(&db, cluster, 0).await;
        assert_eq!(port(&db).await, replica, "{:?}", db.replicas());
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
        until("the service to be ready without it", || {
            futures_now(checks[0].check()).is_ok()
        })
        .await;
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
