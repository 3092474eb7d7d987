//! J10: a Redis that flushes its log once a second.

use std::{sync::Arc, time::Duration};

use atlas_jobs::{JobId, Jobs};
use atlas_servers::{Kind, Options, Server};
use crash::{
    jobs::{Work, client},
    now,
};
use tokio::{task::block_in_place, time::sleep};

use super::case::{Case, say};

/// How many enqueue at a time.
const CALLERS: usize = 8;
/// The most that may be lost, in microseconds of the load.
const SECOND: u64 = 1_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_what_a_killed_redis_acknowledged_at_most_the_last_second_is_lost() {
    for seed in crash::seeds(module_path!()) {
        // on a disk, whose flushes take their time
        let options = Options::new().flushed().setting("appendfsync", "everysec");
        let server = block_in_place(|| Server::start_with(Kind::Redis, options));
        let server = match server {
            Ok(server) => server,
            Err(absent) => return atlas_servers::skipped(&absent),
        };
        let case = Case::on(server, seed).await;
        a_second_at_most_is_lost(&case).await;
        case.remove().await;
    }
}

async fn a_second_at_most_is_lost(case: &Case) {
    let setting = case.server().run("CONFIG GET appendfsync").unwrap();
    assert!(format!("{setting:?}").contains("everysec"), "{setting:?}");
    let callers = (0..CALLERS).map(|_| tokio::spawn(load(client(Arc::clone(&case.store)))));
    let callers: Vec<_> = callers.collect();
    // at any point between two flushes, and long enough after the beginning that more than a second could be lost
    sleep(Duration::from_millis(2000 + case.below(1000))).await;
    let killed = now();
    block_in_place(|| case.server().kill());
    let mut acknowledged = Vec::new();
    for caller in callers {
        acknowledged.extend(caller.await.unwrap());
    }
    case.start_again().await;
    let mut lost = Vec::new();
    for (id, at) in &acknowledged {
        if case.store.find(*id).await.unwrap().is_none() {
            lost.push(killed.saturating_sub(*at));
        }
    }
    let early = acknowledged.iter().filter(|(_, at)| at + SECOND < killed);
    let early = early.count();
    let oldest = lost.iter().max().copied().unwrap_or(0);
    say(&format!(
        "of {} acknowledged jobs, {} of them in the last second, {} were lost, the first {} ms before the end",
        acknowledged.len(),
        acknowledged.len() - early,
        lost.len(),
        oldest / 1000,
    ));
    assert!(early > 0 && early < acknowledged.len(), "there was no load");
    assert!(oldest <= SECOND, "lost of the last {oldest} µs");
}

/// Enqueues until the server is gone; returns what was acknowledged, and when.
async fn load(jobs: Jobs) -> Vec<(JobId, u64)> {
    let mut acknowledged = Vec::new();
    loop {
        let id = JobId::generate();
        if let Err(error) = jobs.enqueue(Work::default()).id(id).await {
            assert!(error.is_transient(), "{error:?}");
            return acknowledged;
        }
        acknowledged.push((id, now()));
        sleep(Duration::from_millis(1)).await;
    }
}
