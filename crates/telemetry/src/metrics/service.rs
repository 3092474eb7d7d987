//! Which service is measured.

use std::fmt;

use atlas_core::Component;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use crate::names::{Metric, service};

/// What the service is called, for `target_info` and the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    name: String,
    version: String,
    environment: Option<String>,
}

impl Component for Service {}

impl Service {
    /// A service and its version; an empty version is left out.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            environment: None,
        }
    }

    /// Where it is deployed: `production`.
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// The name: `shop`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version, if it is known.
    pub fn version(&self) -> Option<&str> {
        Some(self.version.as_str()).filter(|it| !it.is_empty())
    }
}

impl Collector for Service {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let target = [
            Some(self.name()),
            self.version(),
            self.environment.as_deref(),
        ];
        info(service::TARGET, &target, &mut encoder)?;
        info(
            service::BUILD,
            &[Some(env!("CARGO_PKG_VERSION"))],
            &mut encoder,
        )
    }
}

/// Writes an info metric; the values are those of its labels, in their order, and `None` leaves a label out.
fn info(
    metric: Metric,
    values: &[Option<&str>],
    encoder: &mut DescriptorEncoder<'_>,
) -> fmt::Result {
    let labels: Vec<_> = metric
        .labels
        .iter()
        .zip(values)
        .filter_map(|(label, value)| Some((*label, (*value)?)))
        .collect();
    metric.describe(encoder, |mut metric| metric.encode_info(&labels))
}
