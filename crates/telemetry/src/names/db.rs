//! Names of the database. The crate `db` is on the same floor and cannot use them; a test of the facade holds what it emits
//! against this list.

use super::{Kind, Measure, Metric};

/// The buckets of database durations in seconds, as the semantic conventions advise.
pub const BUCKETS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// How long statements took.
pub const OPERATION_DURATION: Metric = Metric::new(
    "db.client.operation.duration",
    "db_client_operation_duration",
    Kind::Histogram,
    "How long statements took, waiting for a connection included",
)
.unit(Measure::Seconds)
.labels(&[
    label::SYSTEM,
    label::NAMESPACE,
    label::OPERATION,
    label::COLLECTION,
    label::STATUS_CODE,
    label::ERROR_TYPE,
])
.buckets(BUCKETS);

/// How many connections the pool holds, by state.
pub const CONNECTION_COUNT: Metric = Metric::new(
    "db.client.connection.count",
    "db_client_connection_count",
    Kind::Gauge,
    "Connections by state",
)
.labels(&[label::POOL, label::STATE]);

/// How many connections the pool may open.
pub const CONNECTION_MAX: Metric = Metric::new(
    "db.client.connection.max",
    "db_client_connection_max",
    Kind::Gauge,
    "The most connections the pool may have",
)
.labels(&[label::POOL]);

/// How many callers wait for a connection.
pub const PENDING_REQUESTS: Metric = Metric::new(
    "db.client.connection.pending_requests",
    "db_client_connection_pending_requests",
    Kind::Gauge,
    "Callers waiting for a connection",
)
.labels(&[label::POOL]);

/// How often no connection came free in time.
pub const TIMEOUTS: Metric = Metric::new(
    "db.client.connection.timeouts",
    "db_client_connection_timeouts",
    Kind::Counter,
    "Callers that gave up waiting for a connection",
)
.labels(&[label::POOL]);

/// How long callers waited for a connection.
pub const WAIT_TIME: Metric = Metric::new(
    "db.client.connection.wait_time",
    "db_client_connection_wait_time",
    Kind::Histogram,
    "How long callers waited for a connection",
)
.unit(Measure::Seconds)
.labels(&[label::POOL])
.buckets(BUCKETS);

/// How long connections were held.
pub const USE_TIME: Metric = Metric::new(
    "db.client.connection.use_time",
    "db_client_connection_use_time",
    Kind::Histogram,
    "How long connections were held",
)
.unit(Measure::Seconds)
.labels(&[label::POOL])
.buckets(BUCKETS);

/// How long opening a connection took.
pub const CREATE_TIME: Metric = Metric::new(
    "db.client.connection.create_time",
    "db_client_connection_create_time",
    Kind::Histogram,
    "How long opening a connection took",
)
.unit(Measure::Seconds)
.labels(&[label::POOL])
.buckets(BUCKETS);

/// The labels of database metrics as Prometheus shows them.
pub mod label {
    /// `db.system.name`: `sqlite`, `postgresql`, `mysql` or `mariadb`.
    pub const SYSTEM: &str = "db_system_name";
    /// `db.namespace`: the name of the database on its server.
    pub const NAMESPACE: &str = "db_namespace";
    /// `db.operation.name`: the first word of a statement from a closed list.
    pub const OPERATION: &str = "db_operation_name";
    /// `db.collection.name`: the table, of statements on one alone.
    pub const COLLECTION: &str = "db_collection_name";
    /// `db.response.status_code`: on failure, the code that the database answered.
    pub const STATUS_CODE: &str = "db_response_status_code";
    /// `error.type`: on failure, that code, or the kind of failure when the database did not answer.
    pub const ERROR_TYPE: &str = "error_type";
    /// `db.client.connection.pool.name`.
    pub const POOL: &str = "db_client_connection_pool_name";
    /// `db.client.connection.state`: [`IDLE`] or [`USED`].
    pub const STATE: &str = "db_client_connection_state";
    /// A connection that waits for work.
    pub const IDLE: &str = "idle";
    /// A connection that is at work.
    pub const USED: &str = "used";
}
