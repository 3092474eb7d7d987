//! The numbers of a service, for Prometheus.
//!
//! A module publishes metrics by contributing a collector; [`Metrics`] asks all of them when it is scraped. Handles to
//! single counters and histograms are resolved once, so that a request costs no look-up.
//!
//! ```
//! use std::sync::Arc;
//! use atlas_telemetry::{Collector, Metrics};
//! use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
//! use prometheus_client::metrics::counter::Counter;
//!
//! #[derive(Debug, Default)]
//! struct Mails { sent: Counter }
//! impl Collector for Mails {
//!     fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
//!         let metric = encoder.encode_descriptor("mails_sent", "Mails that were sent", None, self.sent.metric_type())?;
//!         self.sent.encode(metric)
//!     }
//! }
//!
//! let mails = Arc::new(Mails::default());
//! let metrics = Metrics::new(vec![mails.clone()]);     // in an app: `.contribute(|mails| -> Arc<dyn Collector> { … })`
//! mails.sent.inc();
//! assert!(metrics.prometheus().ends_with("mails_sent_total 1\n"));
//! ```

mod process;
mod prometheus;
mod registry;
mod runtime;
mod service;

pub use self::{
    process::Process,
    registry::{CollectorRef, Metrics},
    runtime::Runtime,
    service::Service,
};
