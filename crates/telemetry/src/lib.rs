//! Structured logs, request context and metrics of Atlas services.
//!
//! - [`context`]: the request behind the code that runs now; its identifiers are on every log line.
//! - [`install`]: structured logs, pretty or JSON, in batches by a thread of their own.
//! - [`Metrics`]: what `/metrics` shows, gathered from the collectors that modules contribute.
//! - [`module`]: the wiring of both.
//! - [`names`]: every name that Atlas emits.

pub mod color;
pub mod context;
mod log;
mod metrics;
mod module;
pub mod names;

pub use self::log::{Filter, FilterError, Format, Guard, InstallError, LogConfig, Output, install};
pub use self::metrics::{CollectorRef, Metrics, Process, Runtime, Service};
pub use self::module::module;
pub use prometheus_client::{self, collector::Collector};
