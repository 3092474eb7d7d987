//! Jobs in Redis: one server, and a cluster of three.

mod faults;
mod limits;

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use atlas_jobs::{
    RedisStore,
    conformance::{Harness, async_trait},
    store::Store,
};
use atlas_redis::{Redis, RedisConfig};
use atlas_servers::{Kind, Options, RedisCluster, Server, shared, skipped};

/// For what must happen some time, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keys of the case's own in the server that all tests share.
#[derive(Default)]
struct Single(OnceLock<RedisConfig>);

#[async_trait]
impl Harness for Single {
    async fn open(&self) -> Option<Arc<dyn Store>> {
        let address = tokio::task::spawn_blocking(|| shared(Kind::Redis)).await;
        let address = address.unwrap().inspect_err(skipped).ok()?;
        let _ = self.0.set(RedisConfig {
            prefix: address.prefix(),
            ..RedisConfig::at(address.admin_url())
        });
        self.reopen().await
    }

    async fn reopen(&self) -> Option<Arc<dyn Store>> {
        Some(Arc::new(store(self.0.get()?)))
    }
}

/// Three servers of the case's own.
#[derive(Default)]
struct Cluster(OnceLock<(RedisCluster, RedisConfig)>);

#[async_trait]
impl Harness for Cluster {
    async fn open(&self) -> Option<Arc<dyn Store>> {
        let cluster = tokio::task::spawn_blocking(RedisCluster::start).await;
        let cluster = cluster.unwrap().inspect_err(skipped).ok()?;
        let config = RedisConfig {
            cluster: true,
            ..RedisConfig::at(cluster.url())
        };
        let _ = self.0.set((cluster, config));
        self.reopen().await
    }

    async fn reopen(&self) -> Option<Arc<dyn Store>> {
        Some(Arc::new(store(&self.0.get()?.1)))
    }
}

atlas_jobs::conformance!(single, Single::default());
atlas_jobs::conformance!(cluster, Cluster::default());

#[tokio::test]
async fn the_configuration_names_it_and_the_app_has_it_or_not() {
    let app = || {
        let options = atlas_config::Options::default().set("jobs.store", "redis");
        atlas_core::App::new("shop")
            .module(atlas_config::module())
            .module(atlas_jobs::module())
            .with(move |module| module.replace(move || atlas_config::Config::load(&options)))
    };
    let lacks = app().resolve::<Arc<dyn Store>>().await.err().unwrap();
    let words = format!("{:?}", lacks.diagnostic().unwrap());
    assert!(words.contains("the app has no Redis"), "{words}");
    let app = app().module(atlas_redis::module());
    let store = app.resolve::<Arc<dyn Store>>().await.unwrap();
    assert_eq!(store.name(), "redis");
}

/// A store on a handle of its own.
fn store(config: &RedisConfig) -> RedisStore {
    RedisStore::new(Redis::new(config).unwrap())
}

/// A server of the test's own; `None` has been said aloud.
async fn private(options: Options) -> Option<Server> {
    let start = || Server::start_with(Kind::Redis, options);
    let started = tokio::task::spawn_blocking(start).await.unwrap();
    started.inspect_err(skipped).ok()
}

/// Tries until it works.
async fn eventually(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !done().await {
        assert!(began.elapsed() < PATIENCE, "{what}: not within 60 s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
