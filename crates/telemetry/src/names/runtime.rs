//! Names of the async runtime.

use super::{Kind, Metric};

/// How many threads run tasks.
pub const WORKERS: Metric = Metric::new(
    "tokio.runtime.workers",
    "tokio_runtime_workers",
    Kind::Gauge,
    "Number of threads that run tasks",
);

/// How many tasks are alive.
pub const ALIVE_TASKS: Metric = Metric::new(
    "tokio.runtime.alive_tasks",
    "tokio_runtime_alive_tasks",
    Kind::Gauge,
    "Number of tasks that have not ended",
);

/// How many tasks wait in the queue that all workers share.
pub const GLOBAL_QUEUE_DEPTH: Metric = Metric::new(
    "tokio.runtime.global_queue.depth",
    "tokio_runtime_global_queue_depth",
    Kind::Gauge,
    "Number of tasks that wait in the queue of all workers",
);
