//! The endpoints of operators, in a process that serves nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use atlas_config::{Section, Settings};
use atlas_core::{Diagnostic, HealthCheck, Lifecycle, Module, Phases};
use atlas_telemetry::Metrics;
use axum::Router;
use tokio::sync::oneshot;

use super::Ops;
use crate::config::HttpConfig;
use crate::problem::Problem;
use crate::server::{Clock, Drain, HttpMetrics, Overrides, Shared, open_at, run};

/// How long those who are being answered when it stops may take.
const GRACE: Duration = Duration::from_secs(2);

/// The endpoints of operators alone (`/livez`, `/readyz`, `/startupz` and, unless `http.metrics` says otherwise,
/// `/metrics`), for a process that serves no requests, such as a worker; any other path is 404. Limits are those of the
/// section `http` where the app has it, else its defaults. `place` is what says the address, for messages.
///
/// It listens when all that its health checks look at has started, and until the app begins to stop.
/// An address that cannot be listened on ends the start with A201 and exit code 69.
#[must_use]
pub fn probes(address: SocketAddr, place: &'static str) -> Module {
    let serve = move |config: Option<HttpConfig>,
                      watched: (Vec<HealthCheck>, Option<Metrics>),
                      settings: Settings,
                      phases: Phases,
                      lifecycle: Lifecycle| {
        serve(
            (address, place),
            config,
            watched,
            &settings,
            phases,
            &lifecycle,
        )
    };
    Module::new("probes").invoke(serve)
}

fn serve(
    (address, place): (SocketAddr, &'static str),
    config: Option<HttpConfig>,
    (checks, metrics): (Vec<HealthCheck>, Option<Metrics>),
    settings: &Settings,
    phases: Phases,
    lifecycle: &Lifecycle,
) -> Result<(), Diagnostic> {
    let profile = settings.profile();
    let Some(config) = config.or_else(|| HttpConfig::defaults(profile)) else {
        return Ok(());
    };
    let metrics = metrics.filter(|_| config.metrics);
    let ops = Ops::new(phases.clone(), checks, metrics, !profile.is_production());
    let shared = Arc::new(Shared {
        router: Router::new().fallback(|| async { Problem::route_not_found() }),
        ops: Arc::new(ops),
        limits: config.limits(),
        overrides: Overrides::of(&[]),
        trust: config.trust(),
        cors: None,
        metrics: Arc::new(HttpMetrics::new()),
        access_log: false,
        drain: Drain::default(),
        clock: Clock::start(),
    });
    let (opened, ready) = oneshot::channel();
    lifecycle.on_start_named("listen", move || async move {
        let listener = open_at(address, place)?;
        if let Ok(address) = listener.socket.local_addr() {
            tracing::info!(target: "atlas::http", %address, "listening for probes");
        }
        // the other end waits in the task below
        let _ = opened.send(listener);
        Ok::<_, Diagnostic>(())
    });
    lifecycle.limit(GRACE * 2);
    lifecycle.spawn(move |shutdown| async move {
        if let Ok(listener) = ready.await {
            run(listener, shared, phases, shutdown, Duration::ZERO, GRACE).await;
        }
    });
    Ok(())
}
