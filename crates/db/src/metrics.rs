//! The metrics of the database, named as the OpenTelemetry conventions name them.
//!
//! | metric | kind | labels |
//! | --- | --- | --- |
//! | `db.client.operation.duration` | histogram, s | `db.system.name`, `db.namespace`, `db.operation.name`, `db.collection.name`, `db.response.status_code`, `error.type` |
//! | `db.client.connection.count` | gauge | `db.client.connection.pool.name`, `db.client.connection.state` |
//! | `db.client.connection.max` | gauge | `db.client.connection.pool.name` |
//! | `db.client.connection.pending_requests` | gauge | `db.client.connection.pool.name` |
//! | `db.client.replica.lag` | gauge, s | `db.client.replica.name`, `server.address` |
//! | `db.client.replica.in_rotation` | gauge, 0 or 1 | `db.client.replica.name`, `server.address` |
//! | `db.client.replica.reads` | counter | `db.client.replica.name`, `server.address` |
//! | `db.client.connection.timeouts` | counter | `db.client.connection.pool.name` |
//! | `db.client.connection.wait_time`, `.use_time`, `.create_time` | histogram, s | `db.client.connection.pool.name` |
//!
//! Prometheus writes dots as underscores and appends the unit.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet},
    metrics::MetricType,
    registry::Unit,
};

use crate::{Db, ReplicaStatus, driver::PoolState, histogram::Reading};

/// Reads pools and meters when metrics are scraped; nothing is done in between.
#[derive(Debug)]
struct DatabaseMetrics(Db);

/// The collector of a handle's metrics.
pub(crate) fn collector(db: Db) -> Arc<dyn Collector> {
    Arc::new(DatabaseMetrics(db))
}

type Labels<'a> = Vec<(&'static str, &'a str)>;

/// A metric with one value a pool.
struct PerPool<V> {
    name: &'static str,
    help: &'static str,
    value: fn(&PoolState<'_>) -> V,
}

const GAUGES: [PerPool<i64>; 2] = [
    PerPool {
        name: "db_client_connection_max",
        help: "The most connections the pool may have",
        value: |pool| i64::from(pool.max),
    },
    PerPool {
        name: "db_client_connection_pending_requests",
        help: "Callers waiting for a connection",
        value: |pool| pool.stats.pending.load(Ordering::Relaxed),
    },
];

const TIMEOUTS: PerPool<u64> = PerPool {
    name: "db_client_connection_timeouts",
    help: "Callers that gave up waiting for a connection",
    value: |pool| pool.stats.timeouts.load(Ordering::Relaxed),
};

const TIMES: [PerPool<Reading>; 3] = [
    PerPool {
        name: "db_client_connection_wait_time",
        help: "How long callers waited for a connection",
        value: |pool| pool.stats.wait.read(),
    },
    PerPool {
        name: "db_client_connection_use_time",
        help: "How long connections were held",
        value: |pool| pool.stats.usage.read(),
    },
    PerPool {
        name: "db_client_connection_create_time",
        help: "How long opening a connection took",
        value: |pool| pool.stats.create.read(),
    },
];

impl Collector for DatabaseMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.operations(&mut encoder)?;
        let pools = self.0.0.engine.pools();
        connections(&mut encoder, &pools)?;
        for PerPool { name, help, value } in GAUGES {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for pool in &pools {
                family
                    .encode_family(&pool_label(pool))?
                    .encode_gauge(&value(pool))?;
            }
        }
        let PerPool { name, help, value } = TIMEOUTS;
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for pool in &pools {
            family
                .encode_family(&pool_label(pool))?
                .encode_counter::<NoLabelSet, u64, u64>(&value(pool), None)?;
        }
        for PerPool { name, help, value } in TIMES {
            let mut family = encoder.encode_descriptor(
                name,
                help,
                Some(&Unit::Seconds),
                MetricType::Histogram,
            )?;
            for pool in &pools {
                durations(&mut family, &pool_label(pool), value(pool))?;
            }
        }
        let of_replicas = self.0.replicas();
        match of_replicas.is_empty() {
            true => Ok(()),
            false => replicas(&mut encoder, &of_replicas),
        }
    }
}

/// A metric with one value a replica.
struct PerReplica<V> {
    name: &'static str,
    help: &'static str,
    value: fn(&ReplicaStatus) -> V,
}

const IN_ROTATION: PerReplica<i64> = PerReplica {
    name: "db_client_replica_in_rotation",
    help: "Whether the replica answers reads",
    value: |replica| i64::from(replica.in_rotation),
};

const LAG: PerReplica<f64> = PerReplica {
    name: "db_client_replica_lag",
    help: "The age of the newest state of the primary that the replica is known to have had",
    value: |replica| replica.lag.as_secs_f64(),
};

const READS: PerReplica<u64> = PerReplica {
    name: "db_client_replica_reads",
    help: "Reads that the replica answered",
    value: |replica| replica.reads,
};

fn replicas(encoder: &mut DescriptorEncoder<'_>, replicas: &[ReplicaStatus]) -> fmt::Result {
    let labels = |replica: &ReplicaStatus| {
        [
            ("db_client_replica_name", replica.name.clone()),
            ("server_address", replica.place.clone()),
        ]
    };
    let PerReplica { name, help, value } = IN_ROTATION;
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for replica in replicas {
        family
            .encode_family(&labels(replica))?
            .encode_gauge(&value(replica))?;
    }
    let PerReplica { name, help, value } = LAG;
    let mut family =
        encoder.encode_descriptor(name, help, Some(&Unit::Seconds), MetricType::Gauge)?;
    for replica in replicas {
        family
            .encode_family(&labels(replica))?
            .encode_gauge(&value(replica))?;
    }
    let PerReplica { name, help, value } = READS;
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for replica in replicas {
        family
            .encode_family(&labels(replica))?
            .encode_counter::<NoLabelSet, u64, u64>(&value(replica), None)?;
    }
    Ok(())
}

impl DatabaseMetrics {
    fn operations(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "How long statements took, waiting for a connection included";
        let name = "db_client_operation_duration";
        let mut family =
            encoder.encode_descriptor(name, help, Some(&Unit::Seconds), MetricType::Histogram)?;
        for (found, reading) in self.0.0.meters.read() {
            let labels = [
                ("db_system_name", Some(self.0.system())),
                ("db_namespace", self.0.0.meters.namespace()),
                ("db_operation_name", found.operation),
                ("db_collection_name", found.collection.as_deref()),
                ("db_response_status_code", found.status.as_deref()),
                ("error_type", found.error.as_deref()),
            ];
            let labels = labels
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            let labels = labels.collect();
            durations(&mut family, &labels, reading)?;
        }
        Ok(())
    }
}

fn connections(encoder: &mut DescriptorEncoder<'_>, pools: &[PoolState<'_>]) -> fmt::Result {
    let help = "Connections by state";
    let mut family =
        encoder.encode_descriptor("db_client_connection_count", help, None, MetricType::Gauge)?;
    for pool in pools {
        for (state, count) in [("idle", pool.idle), ("used", pool.used)] {
            let mut labels = pool_label(pool);
            labels.push(("db_client_connection_state", state));
            family
                .encode_family(&labels)?
                .encode_gauge(&i64::try_from(count).unwrap_or(i64::MAX))?;
        }
    }
    Ok(())
}

fn pool_label<'a>(pool: &PoolState<'a>) -> Labels<'a> {
    vec![("db_client_connection_pool_name", pool.name)]
}

fn durations(family: &mut MetricEncoder<'_>, labels: &Labels<'_>, reading: Reading) -> fmt::Result {
    family
        .encode_family(labels)?
        .encode_histogram::<NoLabelSet>(reading.sum, reading.count, &reading.buckets, None)
}
