//! All collectors of a service, as one text.

use std::fmt;
use std::sync::Arc;

use atlas_core::Component;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text};
use prometheus_client::registry::Registry;

use super::prometheus;

/// A collector as modules contribute it.
pub type CollectorRef = Arc<dyn Collector>;

/// Every metric of the service. A cheap handle; asking it is a scrape.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
}

impl Component for Metrics {}

impl Metrics {
    /// The media type of [`Metrics::prometheus`].
    pub const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";
    /// The media type of [`Metrics::open_metrics`].
    pub const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// Gathers the collectors that the modules of an app contribute.
    pub fn new(collectors: Vec<CollectorRef>) -> Self {
        let mut registry = Registry::default();
        for collector in collectors {
            registry.register_collector(Box::new(Shared(collector)));
        }
        Self {
            registry: Arc::new(registry),
        }
    }

    /// All metrics in the OpenMetrics 1.0 text format, exemplars included.
    pub fn open_metrics(&self) -> String {
        let mut text = String::with_capacity(8 * 1024);
        if text::encode(&mut text, &self.registry).is_err() {
            tracing::error!(target: "atlas::metrics", "a collector failed; the metrics are incomplete");
            // what came before the failure is sound up to its last whole line
            text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
            text.push_str("# EOF\n");
        }
        text
    }

    /// All metrics in the Prometheus text format 0.0.4, which has no exemplars.
    pub fn prometheus(&self) -> String {
        prometheus::from_open_metrics(&self.open_metrics())
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Shared(CollectorRef);

impl Collector for Shared {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.encode(encoder)
    }
}
