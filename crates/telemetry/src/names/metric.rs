//! What a metric is called, and how it is written.

use std::fmt;

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

/// One metric that Atlas emits: what it is called, what it measures and which labels it carries.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Metric {
    /// The name in the semantic conventions: `http.server.request.duration`.
    pub name: &'static str,
    /// The name in Prometheus, without unit and `_total`: `http_server_request_duration`.
    pub prometheus: &'static str,
    /// The unit; part of the name in Prometheus.
    pub unit: Option<Measure>,
    /// How values add up.
    pub kind: Kind,
    /// What is measured, without a full stop.
    pub help: &'static str,
    /// The labels as Prometheus shows them.
    pub labels: &'static [&'static str],
    /// The upper bounds of a histogram's buckets.
    pub buckets: &'static [f64],
}

/// How the values of a metric add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Only ever grows; shown with the suffix `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations by size.
    Histogram,
    /// Always 1; its labels are the message. Shown with the suffix `_info`.
    Info,
}

/// The unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measure {
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
}

impl Metric {
    pub(super) const fn new(
        name: &'static str,
        prometheus: &'static str,
        kind: Kind,
        help: &'static str,
    ) -> Self {
        Self {
            name,
            prometheus,
            unit: None,
            kind,
            help,
            labels: &[],
            buckets: &[],
        }
    }

    pub(super) const fn unit(mut self, unit: Measure) -> Self {
        self.unit = Some(unit);
        self
    }

    pub(super) const fn labels(mut self, labels: &'static [&'static str]) -> Self {
        self.labels = labels;
        self
    }

    pub(super) const fn buckets(mut self, buckets: &'static [f64]) -> Self {
        self.buckets = buckets;
        self
    }

    /// The full name in the Prometheus text: with unit, and `_total` or `_info` where the kind asks for it.
    pub fn exposed(&self) -> String {
        let unit = self.unit.map(|unit| format!("_{unit}")).unwrap_or_default();
        let suffix = match self.kind {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Gauge | Kind::Histogram => "",
        };
        format!("{}{unit}{suffix}", self.prometheus)
    }

    /// Writes one value of this metric in a collector.
    ///
    /// A [`Family`](prometheus_client::metrics::family::Family) is one value with labels; for several single values use
    /// [`Metric::describe`].
    ///
    /// # Errors
    /// When the exposition cannot be written.
    pub fn encode(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        value: &dyn EncodeMetric,
    ) -> fmt::Result {
        if value.is_empty() {
            return Ok(());
        }
        self.describe(encoder, |metric| value.encode(metric))
    }

    /// Writes name, type, unit and help in a collector, then lets `values` write what belongs to them.
    ///
    /// # Errors
    /// When the exposition cannot be written.
    pub fn describe(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        values: impl FnOnce(MetricEncoder<'_>) -> fmt::Result,
    ) -> fmt::Result {
        let kind = match self.kind {
            Kind::Counter => MetricType::Counter,
            Kind::Gauge => MetricType::Gauge,
            Kind::Histogram => MetricType::Histogram,
            Kind::Info => MetricType::Info,
        };
        let unit = self.unit.map(|unit| match unit {
            Measure::Seconds => Unit::Seconds,
            Measure::Bytes => Unit::Bytes,
        });
        values(encoder.encode_descriptor(self.prometheus, self.help, unit.as_ref(), kind)?)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Info => "info",
        })
    }
}
