//! A server that dies, and connections that are cut.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use atlas_jobs::{
    JobId, State,
    store::{End, Enqueued, Filter, Page, Signal, Store},
};
use atlas_redis::RedisConfig;
use atlas_servers::Options;

use super::{eventually, private, store};
use crate::sql::{end, job, take};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_a_killed_server() {
    let Some(server) = private(Options::new().flushed()).await else {
        return;
    };
    let store = store(&RedisConfig::at(server.admin_url()));
    let acknowledged = Arc::new(std::sync::Mutex::new(Vec::new()));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (store, acknowledged) = (store.clone(), Arc::clone(&acknowledged));
            tokio::spawn(async move {
                while let Ok(answers) = store.enqueue(vec![job("a"), job("a")]).await {
                    let ids = answers.into_iter().map(Enqueued::id);
                    acknowledged.lock().unwrap().extend(ids);
                }
            })
        })
        .collect();
    eventually("some jobs are in", async || {
        acknowledged.lock().unwrap().len() > 200
    })
    .await;
    server.kill();
    for writer in writers {
        writer.await.unwrap();
    }
    server.start_again().unwrap();
    eventually("the server is back", async || store.ping().await.is_ok()).await;
    let page = Page {
        after: None,
        limit: usize::MAX,
    };
    let kept = store.list(&Filter::default(), page).await.unwrap();
    let kept: std::collections::HashSet<JobId> = kept.into_iter().map(|job| job.id).collect();
    let acknowledged = acknowledged.lock().unwrap();
    let lost = acknowledged.iter().filter(|id| !kept.contains(id)).count();
    assert_eq!(lost, 0, "of {}", acknowledged.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_job_is_done_once_while_connections_are_cut() {
    let Some(server) = private(Options::new()).await else {
        return;
    };
    let store = store(&RedisConfig::at(server.admin_url()));
    let jobs: Vec<_> = (0..300).map(|_| job("a")).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let cutter = std::thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            let mut cuts = 0;
            while !stop.load(Ordering::Relaxed) {
                cuts += usize::from(server.run("CLIENT KILL TYPE normal SKIPME yes").is_ok());
                std::thread::sleep(std::time::Duration::from_millis(30));
            }
            (server, cuts)
        }
    });
    for job in &jobs {
        // the same id again: it is there once, whatever became of the answers before
        eventually("a job goes in", async || {
            store.enqueue(vec![job.clone()]).await.is_ok()
        })
        .await;
    }
    let mut done = std::collections::HashSet::new();
    eventually("all jobs are done", async || {
        if let Ok(claimed) = store.claim(&crate::sql::claim_of(&["a"], 20)).await {
            for job in claimed.jobs {
                let ends = [end(&job, End::Done)];
                assert!(done.insert(job.id), "a job went out twice");
                eventually("an end goes in", async || store.finish(&ends).await.is_ok()).await;
            }
        }
        let stats = store.stats(true).await;
        stats.is_ok_and(|stats| {
            let queue = stats.queues.get("default");
            // what a claim whose answer was lost has taken runs until its lease is over
            queue.is_some_and(|it| !it.jobs.contains_key(&State::Available))
        })
    })
    .await;
    stop.store(true, Ordering::Relaxed);
    let (_server, cuts) = tokio::task::spawn_blocking(|| cutter.join().unwrap())
        .await
        .unwrap();
    assert!(cuts > 0);
    eventually("the counts are told", async || store.ping().await.is_ok()).await;
    let stats = store.stats(true).await.unwrap();
    let counts = &stats.queues["default"].jobs;
    let of = |state| counts.get(&state).copied().unwrap_or_default();
    assert_eq!(of(State::Completed), done.len() as u64);
    assert_eq!(of(State::Completed) + of(State::Running), jobs.len() as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_was_cut_off_says_that_it_may_have_missed_something() {
    let Some(server) = private(Options::new()).await else {
        return;
    };
    let store = store(&RedisConfig::at(server.admin_url()));
    let mut wake = store.listen().await.unwrap().unwrap();
    store.enqueue(vec![job("a"), job("b")]).await.unwrap();
    assert_eq!(wake.next().await, Signal::Work("default".to_owned()));
    server.run("CLIENT KILL TYPE pubsub").unwrap();
    let next = tokio::time::timeout(super::PATIENCE, wake.next()).await;
    assert_eq!(next.unwrap(), Signal::Gap);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_aside_has_connections_of_its_own_until_it_is_closed() {
    let Some(server) = private(Options::new()).await else {
        return;
    };
    let store = store(&RedisConfig::at(server.admin_url()));
    store.enqueue(vec![job("a")]).await.unwrap();
    let job = take(&store, "a", 1).await.jobs.remove(0);
    let aside = store.aside();
    // the runtime that drives its connection is not the one of the service
    let lease = atlas_jobs::store::Lease {
        job: job.id,
        fence: job.fence,
    };
    let pulses = std::thread::spawn({
        let aside = Arc::clone(&aside);
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(aside.renew(&[lease], crate::sql::LONG))
        }
    });
    let pulses = pulses.join().unwrap().unwrap();
    assert_eq!(pulses, [atlas_jobs::store::Pulse::Kept]);
    store.close().await;
    assert!(aside.ping().await.is_err(), "it is closed");
    store.ping().await.unwrap();
}
