//! A store that goes away below a worker, and comes back.

use std::{sync::Arc, time::Duration};

use atlas_db::{Db, DbConfig, Durability, Migrations};
use atlas_jobs::{
    Handler, JobId, RedisStore, Run, State,
    sql::{SqlStore, tables},
    store::Store,
};
use atlas_redis::{Redis, RedisConfig};
use atlas_servers::{Kind, Options, Server, skipped};
use tokio_util::sync::CancellationToken;

use super::{LONG, Ledger, Task, World, config, task, until};

/// A server of the test's own; `None` has been said aloud.
async fn private(kind: Kind) -> Option<Server> {
    let start = move || Server::start_with(kind, Options::new().flushed());
    let started = tokio::task::spawn_blocking(start).await.unwrap();
    started.inspect_err(skipped).ok()
}

/// Some jobs end while their store is dead, one is due then, and one is added afterwards: each runs once.
async fn nothing_is_lost(server: Server, store: Arc<dyn Store>) {
    let mut patient = config();
    patient.lease = (LONG * 10).into();
    patient.concurrency = 8;
    let world = World::with(patient, Arc::clone(&store));
    let (ledger, over) = (Ledger::default(), CancellationToken::new());
    let (noted, gate) = (ledger.clone(), over.clone());
    let worker = world.work(Handler::of(move |job: Run<Task>| {
        let (ledger, gate) = (noted.clone(), gate.clone());
        async move {
            ledger.note(job.number.to_string());
            gate.cancelled().await;
        }
    }));
    let mut ids = Vec::new();
    for number in 0..4 {
        ids.push(world.add(task(number)).await);
    }
    let later = world.jobs.enqueue(task(4)).after(Duration::from_secs(2));
    ids.push(later.await.unwrap().id());
    until(|| async { ledger.read().len() >= 4 }).await;

    server.kill();
    until(|| async { store.ping().await.is_err() }).await;
    over.cancel();
    // long enough for heartbeats, claims and results to meet a store that is not there
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!worker.task.is_finished(), "the worker lives");
    let server = tokio::task::spawn_blocking(move || {
        server.start_again().unwrap();
        server
    });
    let _server = server.await.unwrap();
    // the same id again: a connection of before may fail first
    let last = JobId::generate();
    until(|| async { world.jobs.enqueue(task(5)).id(last).await.is_ok() }).await;
    ids.push(last);
    for id in ids {
        until(|| async {
            let found = store.find(id).await.ok().flatten();
            found.is_some_and(|job| {
                assert_eq!(job.crashes, 0, "its lease was never over");
                job.state == State::Completed
            })
        })
        .await;
    }
    worker.stop().await;
    let mut ran = ledger.read();
    ran.sort_unstable();
    assert_eq!(ran, ["0", "1", "2", "3", "4", "5"], "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_redis_dies_below_a_worker() {
    let Some(server) = private(Kind::Redis).await else {
        return;
    };
    let redis = Redis::new(&RedisConfig::at(server.admin_url())).unwrap();
    nothing_is_lost(server, Arc::new(RedisStore::new(redis))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_postgres_dies_below_a_worker() {
    let Some(server) = private(Kind::Postgres).await else {
        return;
    };
    server.run("CREATE DATABASE jobs").unwrap();
    let durable = DbConfig {
        durability: Durability::Full,
        ..DbConfig::at(server.url_of("jobs"))
    };
    let db = Db::new(&durable).unwrap();
    let migrations = Migrations::new(db.clone(), vec![tables()]).unwrap();
    migrations.up().await.unwrap();
    nothing_is_lost(server, Arc::new(SqlStore::new(db.clone()))).await;
    db.close().await;
}
