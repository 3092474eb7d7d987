//! Redis as a part of a service.

use std::sync::Arc;

use atlas_config::Profile;
use atlas_core::{App, Component, HealthCheck, Module};
use atlas_redis::{Readiness, Redis, RedisConfig};
use prometheus_client::{collector::Collector, encoding::text::encode, registry::Registry};

use crate::support::{Gate, impatient, private};

#[derive(Clone)]
struct Parts {
    checks: Vec<HealthCheck>,
    collectors: Vec<Arc<dyn Collector>>,
}

impl Component for Parts {}

/// A collector that a registry can own.
#[derive(Debug)]
struct Shared(Arc<dyn Collector>);

impl Collector for Shared {
    fn encode(
        &self,
        encoder: prometheus_client::encoding::DescriptorEncoder<'_>,
    ) -> std::fmt::Result {
        self.0.encode(encoder)
    }
}

impl Parts {
    fn new(checks: Vec<HealthCheck>, collectors: Vec<Arc<dyn Collector>>) -> Self {
        Self { checks, collectors }
    }

    fn metrics(&self) -> String {
        let mut registry = Registry::default();
        for collector in &self.collectors {
            registry.register_collector(Box::new(Shared(Arc::clone(collector))));
        }
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text
    }
}

fn app(config: RedisConfig) -> App {
    App::new("teas")
        .module(atlas_redis::module())
        .module(
            Module::new("teas")
                .supply(Profile::Test)
                .provide(Parts::new),
        )
        .with(|module| module.replace(move || config.clone()))
        .expose::<Parts>()
        .expose::<Redis>()
}

#[test]
fn the_graph_is_sound() {
    App::new("teas")
        .module(atlas_config::module())
        .module(atlas_redis::module())
        .expose::<Redis>()
        .check()
        .unwrap();
}

#[tokio::test]
async fn a_service_starts_without_redis_and_its_health_says_so() {
    for (readiness, critical) in [(Readiness::Required, true), (Readiness::Optional, false)] {
        let gate = Gate::before(None).await;
        let config = RedisConfig {
            readiness,
            ..impatient(gate.url())
        };
        let running = app(config).start().await.unwrap();
        assert_eq!(
            gate.came(),
            0,
            "nothing is connected before the first command"
        );
        let parts: Parts = running.get().unwrap();
        let [check] = parts.checks.as_slice() else {
            panic!("one check");
        };
        assert_eq!((check.name(), check.is_critical()), ("redis", critical));
        assert!(check.check().await.is_err());
        running.stop().await.unwrap();
    }
}

#[tokio::test]
async fn commands_and_connections_are_counted() {
    let Some(server) = private() else { return };
    let running = app(impatient(server.admin_url())).start().await.unwrap();
    let (parts, redis): (Parts, Redis) = (running.get().unwrap(), running.get().unwrap());
    parts.checks[0].check().await.unwrap();
    redis.ping().await.unwrap();
    let text = parts.metrics();
    for line in [
        "atlas_redis_operation_duration_seconds_count{outcome=\"ok\"} 2".to_owned(),
        format!(
            "atlas_redis_connected{{server_address=\"127.0.0.1:{}\"}} 1",
            server.port()
        ),
        "atlas_redis_connection_attempts_total{outcome=\"ok\"} 1".to_owned(),
        "atlas_redis_connection_attempts_total{outcome=\"unreachable\"} 0".to_owned(),
    ] {
        assert!(text.lines().any(|it| it == line), "no `{line}` in\n{text}");
    }
    running.stop().await.unwrap();
    assert!(
        redis.ping().await.is_err(),
        "the handle is closed with the service"
    );
}

#[tokio::test]
async fn a_url_that_can_never_work_ends_the_start() {
    for (url, cluster) in [
        ("postgres://127.0.0.1", false),
        ("redis://:tops3cret@", false),
        ("redis://127.0.0.1/tops3cret", false),
        ("redis://a, redis://b", false),
        ("redis://a/3", true),
        ("", false),
    ] {
        let config = RedisConfig {
            cluster,
            ..RedisConfig::at(url)
        };
        let error = app(config).start().await.err().unwrap();
        let diagnostic = error.diagnostic().unwrap();
        assert_eq!(
            (diagnostic.code(), diagnostic.exit_code()),
            ("A220", 78),
            "{url}"
        );
    }
}
