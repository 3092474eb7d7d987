//! A thousand sessions, none of which ever misses what it wrote.

#![allow(
    clippy::print_stdout,
    reason = "a failure needs its seed and its numbers"
)]

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use atlas_core::scope;
use atlas_db::{
    Db, DbConfig, Error, Position,
    sea_orm::{ConnectionTrait, DbBackend},
};
use fastrand::Rng;
use tokio::sync::Semaphore;

use super::cluster::{Cluster, on_every_cluster, sql};

const SESSIONS: u64 = 1_000;
const AT_ONCE: usize = 64;

/// What was seen, of all sessions together.
#[derive(Default)]
struct Seen {
    /// Reads of what the session had written, and which were older than that.
    own: AtomicU64,
    stale: AtomicU64,
    /// Those of them that a replica answered.
    own_by_replica: AtomicU64,
    /// Reads before the session had written anything, and those that a replica answered.
    before: AtomicU64,
    before_by_replica: AtomicU64,
    /// Reads past the handle, straight from a replica, that were older than what the session had written.
    past_the_handle: AtomicU64,
}

/// One session, in two processes.
struct Visitor<'a> {
    id: u64,
    rng: Rng,
    here: &'a Db,
    there: &'a Db,
    /// A replica, without any care.
    direct: &'a Db,
    primary: i64,
    wrote: i64,
    seen: &'a Seen,
}

impl Visitor<'_> {
    async fn read(&mut self, db: &Db) {
        let text = format!("SELECT n, {{port}} FROM counters WHERE id = {}", self.id);
        let row = db.query_one_raw(sql(db, &text)).await.unwrap();
        let (n, port) = match row {
            Some(row) => (
                row.try_get_by_index(0).unwrap(),
                row.try_get_by_index(1).unwrap(),
            ),
            None => (0_i64, 0_i64),
        };
        let count =
            |counter: &AtomicU64, when: bool| counter.fetch_add(u64::from(when), Ordering::Relaxed);
        let by_replica = port != self.primary;
        if self.wrote > 0 {
            count(&self.seen.own, true);
            count(&self.seen.stale, n < self.wrote);
            count(&self.seen.own_by_replica, by_replica && n >= self.wrote);
        } else {
            count(&self.seen.before, true);
            count(&self.seen.before_by_replica, by_replica);
        }
    }

    /// What a reader without a session would have seen.
    async fn peek(&self) {
        let text = format!("SELECT n FROM counters WHERE id = {}", self.id);
        let Ok(row) = self.direct.query_one_raw(sql(self.direct, &text)).await else {
            return;
        };
        let n = row.map_or(0, |row| row.try_get_by_index::<i64>(0).unwrap());
        if n < self.wrote {
            self.seen.past_the_handle.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn write(&mut self) {
        let (db, id, n) = (self.here, self.id, self.wrote + 1);
        let first = format!("INSERT INTO counters VALUES ({id}, {n})");
        let text = match self.wrote {
            0 => first,
            _ => format!("UPDATE counters SET n = {n} WHERE id = {id}"),
        };
        let can_return = db.get_database_backend() == DbBackend::Postgres;
        match self.rng.u8(0..4) {
            0 => drop(db.execute_raw(sql(db, &text)).await.unwrap()),
            1 if can_return => {
                let text = format!("{text} RETURNING n");
                db.query_one_raw(sql(db, &text)).await.unwrap().unwrap();
            }
            2 => {
                let work = || async {
                    db.execute_raw(sql(db, &text)).await?;
                    Ok::<_, Error>(())
                };
                db.transaction(work).await.unwrap();
            }
            _ => drop(db.execute_unprepared(&text).await.unwrap()),
        }
        self.wrote = n;
    }

    /// Some steps of work; a write is always followed by a read.
    async fn work(&mut self) {
        for _ in 0..self.rng.u8(1..6) {
            match self.rng.u8(0..6) {
                0 | 1 => {
                    self.write().await;
                    self.peek().await;
                }
                2 => tokio::time::sleep(Duration::from_millis(self.rng.u64(0..400))).await,
                _ => {}
            }
            self.read(self.here).await;
        }
    }

    /// The life of a session: requests of its own, of its name, and in the other process.
    async fn visit(&mut self) {
        let session = self.here.session(format!("visitor {}", self.id));
        for _ in 0..self.rng.u8(1..4) {
            scope::enter(session.run(self.work())).await;
            if self.rng.bool() {
                let token = session.position().await.unwrap().unwrap().to_string();
                tokio::time::sleep(Duration::from_millis(self.rng.u64(0..100))).await;
                let position: Position = token.parse().unwrap();
                let there = self.there;
                scope::enter(there.after(position, self.read(there))).await;
            }
        }
    }
}

/// Holds replay back and lets it go, now on this replica and then on that one.
async fn disturb(cluster: &Cluster, mut rng: Rng, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let replica = &cluster.replicas[rng.usize(0..cluster.replicas.len())];
        tokio::task::block_in_place(|| match rng.u8(0..4) {
            0 => replica.pause_replay().ok(),
            1 => replica.set_delay(Duration::from_secs(1)).ok(),
            _ => {
                replica.set_delay(Duration::ZERO).unwrap();
                replica.resume_replay().ok()
            }
        });
        tokio::time::sleep(Duration::from_millis(rng.u64(50..400))).await;
    }
}

on_every_cluster! {
    async fn a_thousand_sessions_never_miss_what_they_wrote(cluster: 2) {
        let seed = std::env::var("ATLAS_TEST_SEED").ok().and_then(|it| it.parse().ok());
        let seed = seed.unwrap_or_else(|| fastrand::u64(..));
        println!("ATLAS_TEST_SEED={seed}");
        let change = |config: &mut DbConfig| {
            config.max_connections = 32;
            config.acquire_timeout = Duration::from_secs(60).into();
            config.replica_check_interval = Duration::from_secs(2).into();
        };
        let (here, there) = (cluster.db_with(change).await, cluster.db_with(change).await);
        let direct = Db::new(&DbConfig::at(cluster.replicas[0].url_of("postgres"))).unwrap();
        let (seen, stop, places) = (Seen::default(), AtomicBool::new(false), Semaphore::new(AT_ONCE));
        let mut rng = Rng::with_seed(seed);

        let visits: Vec<_> = (1..=SESSIONS)
            .map(|id| {
                let mut visitor = Visitor {
                    id,
                    rng: rng.fork(),
                    here: &here,
                    there: &there,
                    direct: &direct,
                    primary: cluster.primary_port(),
                    wrote: 0,
                    seen: &seen,
                };
                let places = &places;
                async move {
                    let _place = places.acquire().await.unwrap();
                    visitor.visit().await;
                }
            })
            .collect();
        let visits = async {
            all(visits).await;
            stop.store(true, Ordering::Relaxed);
        };
        tokio::join!(visits, disturb(cluster, rng.fork(), &stop));

        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        println!(
            "own writes read {}, stale {}, of which replicas answered {}; before any write {}, by replicas {}; \
             past the handle {} were stale",
            count(&seen.own), count(&seen.stale), count(&seen.own_by_replica),
            count(&seen.before), count(&seen.before_by_replica), count(&seen.past_the_handle),
        );
        assert_eq!(count(&seen.stale), 0);
        assert!(count(&seen.own) > SESSIONS);
        assert!(count(&seen.own_by_replica) > 0, "replicas serve those who wrote, later");
        assert!(count(&seen.before_by_replica) > 0, "and those who have not");
        assert!(count(&seen.past_the_handle) > 0, "there was something to be missed");
        let served: u64 = here.replicas().iter().chain(&there.replicas()).map(|it| it.reads).sum();
        assert!(served >= count(&seen.own_by_replica));
    }
}

/// Runs all of them at once, on this task.
async fn all<F: Future<Output = ()>>(futures: Vec<F>) {
    let mut waiting: Vec<_> = futures.into_iter().map(Box::pin).collect();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|it| it.as_mut().poll(context).is_pending());
        match waiting.is_empty() {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
}
