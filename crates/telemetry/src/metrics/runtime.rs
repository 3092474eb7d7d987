//! What the async runtime does.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::gauge::ConstGauge;
use tokio::runtime::{Handle, TryCurrentError};

use crate::names::{Metric, runtime};

/// Measures the runtime that the service runs on.
#[derive(Clone, Debug)]
pub struct Runtime {
    handle: Handle,
}

impl Runtime {
    /// A collector for the runtime that this code runs on.
    ///
    /// # Errors
    /// Outside of a runtime.
    pub fn current() -> Result<Self, TryCurrentError> {
        Ok(Self {
            handle: Handle::try_current()?,
        })
    }
}

impl Collector for Runtime {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let metrics = self.handle.metrics();
        let mut gauge = |metric: Metric, value: usize| {
            metric.encode(&mut encoder, &ConstGauge::new(value as i64))
        };
        gauge(runtime::WORKERS, metrics.num_workers())?;
        gauge(runtime::ALIVE_TASKS, metrics.num_alive_tasks())?;
        gauge(runtime::GLOBAL_QUEUE_DEPTH, metrics.global_queue_depth())
    }
}
