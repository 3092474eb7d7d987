//! Every name that Atlas emits, in one place.
//!
//! The names follow the OpenTelemetry semantic conventions 1.44; the metrics of the process follow Prometheus, whose
//! dashboards know them. `docs/telemetry.md` is generated from these files, and a test fails when a name changes: names are
//! what alerts and dashboards of users hold on to.

pub mod db;
pub mod http;
pub mod jobs;
pub mod log;
mod metric;
pub mod process;
pub mod runtime;
pub mod service;

pub use self::metric::{Kind, Measure, Metric};

/// Every metric that Atlas emits, in the order of `docs/telemetry.md`.
pub const METRICS: &[Metric] = &[
    http::REQUEST_DURATION,
    http::ACTIVE_REQUESTS,
    http::REQUEST_BODY_SIZE,
    http::RESPONSE_BODY_SIZE,
    http::PANICS,
    http::CONNECTIONS,
    http::CONNECTIONS_REFUSED,
    http::ACCEPT_ERRORS,
    db::OPERATION_DURATION,
    db::CONNECTION_COUNT,
    db::CONNECTION_MAX,
    db::PENDING_REQUESTS,
    db::TIMEOUTS,
    db::WAIT_TIME,
    db::USE_TIME,
    db::CREATE_TIME,
    jobs::ENQUEUED,
    jobs::FINISHED,
    jobs::FAILURES,
    jobs::CRASHES,
    jobs::DEAD,
    jobs::STALE,
    jobs::WAIT,
    jobs::RUN,
    jobs::BUSY,
    jobs::DEPTH,
    jobs::OLDEST,
    process::CPU,
    process::RESIDENT_MEMORY,
    process::OPEN_FDS,
    process::MAX_FDS,
    process::START_TIME,
    runtime::WORKERS,
    runtime::ALIVE_TASKS,
    runtime::GLOBAL_QUEUE_DEPTH,
    service::TARGET,
    service::BUILD,
];
