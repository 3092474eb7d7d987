//! How Redis becomes part of a service.

use std::time::Duration;

use atlas_core::{Diagnostic, HealthCheck, Lifecycle, Module};

use crate::config::{Readiness, RedisConfig};
use crate::handle::Redis;
use crate::metrics::collector;

/// How long stopping may take; nothing is waited for.
const STOP_LIMIT: Duration = Duration::from_secs(1);

/// The module of Redis: the section `redis`, [`Redis`], a health check and metrics.
///
/// Nothing is connected before the first command, so a service starts without Redis. At stop the handle is closed.
pub fn module() -> Module {
    Module::new("redis")
        .module(atlas_config::section::<RedisConfig>())
        .provide(open)
        .contribute(health)
        .contribute(collector)
}

fn open(config: RedisConfig, lifecycle: Lifecycle) -> Result<Redis, Diagnostic> {
    let redis = Redis::new(&config)?;
    lifecycle.limit(STOP_LIMIT).on_stop({
        let redis = redis.clone();
        move || async move { redis.close() }
    });
    Ok(redis)
}

fn health(redis: Redis, config: RedisConfig) -> HealthCheck {
    let check = HealthCheck::new("redis", move || {
        let redis = redis.clone();
        async move { redis.ping().await }
    });
    check.critical(config.readiness == Readiness::Required)
}
