//! Memory, and servers that may not keep jobs.

use std::{error::Error as _, time::Duration};

use atlas_jobs::{
    Error, State,
    store::{By, Claim, End, Filter, NewJob, Store},
};
use atlas_redis::{Redis, RedisConfig, redis::cmd};
use atlas_servers::Options;

use super::{private, store};
use crate::sql::{claim_of, end, job};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_jobs_that_were_pruned() {
    let Some(server) = private(Options::new()).await else {
        return;
    };
    let config = RedisConfig::at(server.admin_url());
    let (redis, store) = (Redis::new(&config).unwrap(), store(&config));
    for round in 0..3 {
        let jobs = (0..2000).map(|index| NewJob {
            limit: (index % 50 == 0).then(|| atlas_jobs::Limit::key(index, 1)),
            unique: (index % 10 == 0).then(|| atlas_jobs::store::UniqueKey {
                key: format!("a:{index}"),
                until: atlas_jobs::Until::Finished,
                on_conflict: atlas_jobs::OnConflict::Skip,
            }),
            ..job("a")
        });
        store.enqueue(jobs.collect()).await.unwrap();
        loop {
            let claimed = store.claim(&claim_of(&["a"], 200)).await.unwrap().jobs;
            if claimed.is_empty() {
                break;
            }
            let ends: Vec<_> = claimed.iter().map(|job| end(job, End::Done)).collect();
            store.finish(&ends).await.unwrap();
        }
        // what ended within this millisecond has not been kept for longer than nothing
        super::eventually("all are pruned", async || {
            store
                .prune(State::Completed, Duration::ZERO, 10_000)
                .await
                .unwrap();
            let stats = store.stats(true).await.unwrap();
            stats.queues.is_empty()
        })
        .await;
        let keys: Vec<String> = redis.run(cmd("KEYS").arg("*")).await.unwrap();
        assert_eq!(keys, Vec::<String>::new(), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_memory_is_a_typed_refusal_and_what_is_there_goes_on() {
    let options = Options::new().setting("maxmemory", "6mb");
    let Some(server) = private(options).await else {
        return;
    };
    let store = store(&RedisConfig::at(server.admin_url()));
    store.prepare().await.unwrap();
    let big = || NewJob {
        payload: vec![b'x'; 20_000],
        ..job("a")
    };
    let refused = loop {
        if let Err(error) = store.enqueue(vec![big(), big()]).await {
            break error;
        }
    };
    assert!(matches!(&refused, Error::Refused(_)), "{refused:?}");
    let words = refused.source().unwrap().to_string();
    assert!(words.contains("OOM"), "{words}");
    // two at a time: none of the two that were refused is there
    let before = count(&store).await;
    assert_eq!(before % 2, 0);
    let claimed = store.claim(&claim_of(&["a"], 1000)).await.unwrap().jobs;
    assert_eq!(claimed.len() as u64, before);
    let ends: Vec<_> = claimed.iter().map(|job| end(job, End::Done)).collect();
    store.finish(&ends).await.unwrap();
    let by = By::new("user:test");
    let dropped = store.discard(&Filter::default(), 1, &by).await;
    assert_eq!(dropped.unwrap(), 1);
    super::eventually("there is room again", async || {
        store
            .prune(State::Completed, Duration::ZERO, 1000)
            .await
            .unwrap();
        store.enqueue(vec![big()]).await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_may_evict_jobs_is_refused() {
    let options = Options::new().setting("maxmemory-policy", "allkeys-lru");
    let Some(server) = private(options).await else {
        return;
    };
    let store = store(&RedisConfig::at(server.admin_url()));
    let refused = store.prepare().await.unwrap_err();
    assert!(matches!(&refused, Error::Refused(_)), "{refused:?}");
    let words = refused.source().unwrap().to_string();
    for word in [
        "`allkeys-lru`",
        "`maxmemory-policy noeviction`",
        "127.0.0.1",
    ] {
        assert!(words.contains(word), "{words}");
    }
    server
        .run("CONFIG SET maxmemory-policy noeviction")
        .unwrap();
    store.prepare().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saturated_key_does_not_make_claims_slower() {
    let Some(server) = private(Options::new()).await else {
        return;
    };
    let config = RedisConfig::at(server.admin_url());
    let (redis, store) = (Redis::new(&config).unwrap(), store(&config));
    let limited = (0..5000).map(|_| NewJob {
        limit: Some(atlas_jobs::Limit::key("one", 1)),
        ..job("a")
    });
    store.enqueue(limited.collect()).await.unwrap();
    let claim = Claim {
        kinds: vec!["a".to_owned()],
        ..claim_of(&["a"], 100)
    };
    assert_eq!(store.claim(&claim).await.unwrap().jobs.len(), 1);
    // counted by the server: commands do not depend on how slow the machine is
    let calls = async || {
        let info: String = redis.run(cmd("INFO").arg("commandstats")).await.unwrap();
        let lines = info.lines().filter(|line| line.starts_with("cmdstat_z"));
        let calls = lines.filter_map(|line| line.split_once("calls=")?.1.split(',').next());
        calls.filter_map(|it| it.parse::<u64>().ok()).sum::<u64>()
    };
    let before = calls().await;
    assert!(store.claim(&claim).await.unwrap().jobs.is_empty());
    let cost = calls().await - before;
    assert!(cost < 20, "{cost} commands");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_job_takes_less_than_800_bytes_beside_its_payload() {
    let Some(server) = private(Options::new()).await else {
        return;
    };
    let config = RedisConfig::at(server.admin_url());
    let (redis, store) = (Redis::new(&config).unwrap(), store(&config));
    store.enqueue(vec![job("a")]).await.unwrap();
    // what keys and values take, without what connections and the log take at this moment
    let used = async || {
        let info: String = redis.run(cmd("INFO").arg("memory")).await.unwrap();
        let mut lines = info.lines();
        let used = lines.find_map(|line| line.strip_prefix("used_memory_dataset:"));
        used.and_then(|it| it.trim().parse::<u64>().ok()).unwrap()
    };
    let before = used().await;
    store
        .enqueue((0..5000).map(|_| job("a")).collect())
        .await
        .unwrap();
    let each = used().await.saturating_sub(before) / 5000;
    println!("{each} bytes a job");
    assert!((100..800).contains(&each), "{each} bytes");
}

async fn count(store: &dyn Store) -> u64 {
    let stats = store.stats(true).await.unwrap();
    stats.queues["default"].jobs.values().sum()
}
