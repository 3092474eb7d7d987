//! The metrics of Redis.
//!
//! | metric | kind | labels |
//! | --- | --- | --- |
//! | `atlas.redis.operation.duration` | histogram, s | `outcome`: `ok`, `unreachable`, `lost`, `timeout`, `refused` |
//! | `atlas.redis.connected` | gauge, 0 or 1 | `server.address` |
//! | `atlas.redis.connection.attempts` | counter | `outcome`: `ok`, `unreachable` |
//!
//! Prometheus writes dots as underscores and appends the unit.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use crate::handle::Redis;

/// Reads what was counted when metrics are scraped; nothing is done in between.
#[derive(Debug)]
struct RedisMetrics(Redis);

/// The collector of a handle's metrics.
pub(crate) fn collector(redis: Redis) -> Arc<dyn Collector> {
    Arc::new(RedisMetrics(redis))
}

impl Collector for RedisMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut durations = encoder.encode_descriptor(
            "atlas_redis_operation_duration",
            "How long commands took, waiting for a connection included",
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        for reading in self.0.stats().read() {
            durations
                .encode_family(&[("outcome", reading.outcome)])?
                .encode_histogram::<NoLabelSet>(
                    reading.sum,
                    reading.count,
                    &reading.buckets,
                    None,
                )?;
        }
        let mut connected = encoder.encode_descriptor(
            "atlas_redis_connected",
            "Whether there is a connection to the server",
            None,
            MetricType::Gauge,
        )?;
        for link in self.0.links() {
            connected
                .encode_family(&[("server_address", link.place())])?
                .encode_gauge(&i64::from(link.is_live()))?;
        }
        let mut attempts = encoder.encode_descriptor(
            "atlas_redis_connection_attempts",
            "Attempts to connect",
            None,
            MetricType::Counter,
        )?;
        let counts = self.0.stats().attempts();
        for (outcome, count) in ["unreachable", "ok"].into_iter().zip(counts) {
            attempts
                .encode_family(&[("outcome", outcome)])?
                .encode_counter::<NoLabelSet, u64, u64>(&count, None)?;
        }
        Ok(())
    }
}
