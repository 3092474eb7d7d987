//! The wiring.

use std::sync::Arc;

use atlas_config::{Profile, section};
use atlas_core::Module;
use tokio::runtime::TryCurrentError;

use crate::log::LogConfig;
use crate::metrics::{CollectorRef, Metrics, Process, Runtime, Service};

/// The section `log`, and [`Metrics`] over all contributed collectors, with those of process, runtime and service.
///
/// The service is the first one that was contributed with a version, else the first one.
pub fn module() -> Module {
    Module::new("telemetry")
        .module(section::<LogConfig>())
        .contribute(service)
        .contribute(process)
        .contribute(runtime)
        .provide(Metrics::new)
}

fn service(services: Vec<Service>, profile: Profile) -> CollectorRef {
    let known = services
        .iter()
        .find(|it| it.version().is_some())
        .or(services.first());
    let service = known
        .cloned()
        .unwrap_or_else(|| Service::new("unknown_service", ""));
    Arc::new(service.environment(profile.name()))
}

fn process() -> CollectorRef {
    Arc::new(Process::new())
}

fn runtime() -> Result<CollectorRef, TryCurrentError> {
    Ok(Arc::new(Runtime::current()?))
}
