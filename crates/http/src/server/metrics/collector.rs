//! All numbers of the HTTP server, as Prometheus reads them.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use atlas_telemetry::names::http::{self, label};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder};

use super::histogram::{DURATION, SIZE};
use super::method::Verb;
use super::series::{Key, Sample, Series};
use super::table::Table;

/// The numbers of the HTTP server.
#[derive(Debug)]
pub(crate) struct HttpMetrics {
    table: Table,
    /// Requests in flight by scheme and verb.
    active: [[AtomicI64; Verb::COUNT]; 2],
    pub(crate) panics: AtomicU64,
    pub(crate) connections: AtomicI64,
    pub(crate) connections_refused: AtomicU64,
    pub(crate) accept_errors: AtomicU64,
}

impl HttpMetrics {
    pub(crate) fn new() -> Self {
        Self {
            table: Table::new(),
            active: [const { [const { AtomicI64::new(0) }; Verb::COUNT] }; 2],
            panics: AtomicU64::new(0),
            connections: AtomicI64::new(0),
            connections_refused: AtomicU64::new(0),
            accept_errors: AtomicU64::new(0),
        }
    }

    /// A request came in.
    pub(crate) fn begin(&self, verb: Verb, secure: bool) {
        self.active[usize::from(secure)][verb.index()].fetch_add(1, Relaxed);
    }

    /// A request that came in is over.
    pub(crate) fn end(&self, sample: &Sample) {
        self.active[usize::from(sample.secure)][sample.verb.index()].fetch_sub(1, Relaxed);
        self.table.observe(sample);
    }

    /// Something that never became a request was answered.
    pub(crate) fn refused(&self, sample: &Sample) {
        self.table.observe(sample);
    }

    fn encode_table(
        &self,
        mut metric: MetricEncoder<'_>,
        histogram: impl Fn(&Series, MetricEncoder<'_>) -> fmt::Result,
    ) -> fmt::Result {
        for (template, series) in self.table.iter() {
            let labels = labels(template, series.key);
            histogram(series, metric.encode_family(&labels.as_slice())?)?;
        }
        Ok(())
    }

    fn encode_active(&self, mut metric: MetricEncoder<'_>) -> fmt::Result {
        for (scheme, verbs) in ["http", "https"].into_iter().zip(&self.active) {
            for (index, count) in verbs.iter().enumerate() {
                let labels = [
                    (label::METHOD, Verb::at(index).name()),
                    (label::SCHEME, scheme),
                ];
                metric
                    .encode_family(&labels)?
                    .encode_gauge(&count.load(Relaxed))?;
            }
        }
        Ok(())
    }
}

/// The labels of one series.
fn labels(template: Option<&'static str>, key: Key) -> Vec<(&'static str, String)> {
    if key == Key::OVERFLOW {
        return vec![("otel_metric_overflow", "true".to_owned())];
    }
    let mut labels = vec![(label::METHOD, key.verb().name().to_owned())];
    if let Some(template) = template {
        labels.push((label::ROUTE, template.to_owned()));
    }
    let status = key.status();
    if status != 0 {
        labels.push((label::STATUS, status.to_string()));
    }
    labels.push((label::SCHEME, key.scheme().to_owned()));
    labels.push((label::PROTOCOL_VERSION, key.version().to_owned()));
    match key.failure() {
        Some(failure) => labels.push((label::ERROR_TYPE, failure.name().to_owned())),
        None if status >= 500 => labels.push((label::ERROR_TYPE, status.to_string())),
        None => {}
    }
    labels
}

impl Collector for HttpMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let encoder = &mut encoder;
        http::REQUEST_DURATION.describe(encoder, |metric| {
            self.encode_table(metric, |series, metric| {
                series.duration.encode(&DURATION, metric)
            })
        })?;
        http::REQUEST_BODY_SIZE.describe(encoder, |metric| {
            self.encode_table(metric, |series, metric| {
                series.request_bytes.encode(&SIZE, metric)
            })
        })?;
        http::RESPONSE_BODY_SIZE.describe(encoder, |metric| {
            self.encode_table(metric, |series, metric| {
                series.response_bytes.encode(&SIZE, metric)
            })
        })?;
        http::ACTIVE_REQUESTS.describe(encoder, |metric| self.encode_active(metric))?;
        http::CONNECTIONS.describe(encoder, |mut metric| {
            metric.encode_gauge(&self.connections.load(Relaxed))
        })?;
        for (name, counter) in [
            (http::PANICS, &self.panics),
            (http::CONNECTIONS_REFUSED, &self.connections_refused),
            (http::ACCEPT_ERRORS, &self.accept_errors),
        ] {
            name.describe(encoder, |mut metric| {
                let exemplar = None::<
                    &prometheus_client::metrics::exemplar::Exemplar<[(String, String); 0], u64>,
                >;
                metric.encode_counter(&counter.load(Relaxed), exemplar)
            })?;
        }
        Ok(())
    }
}
