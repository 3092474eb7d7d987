//! The wiring.

use std::sync::Arc;
use std::time::Duration;

use atlas_config::{Settings, section};
use atlas_core::{Diagnostic, HealthCheck, Lifecycle, Module, Phases};
use atlas_telemetry::{CollectorRef, Metrics, Service};
use tokio::sync::oneshot;

use crate::config::HttpConfig;
use crate::ops::Ops;
use crate::routes::{Api, ApiInfo, Routes};
use crate::server::{Clock, Drain, HttpMetrics, Listening, Overrides, Shared, open, run};

/// The HTTP server as process `http`: it serves every [`Routes`] that a module contributes, the endpoints for operators
/// and, where the configuration says so, the documentation of the API.
///
/// Other modules may ask for [`Api`] (all routes put together) and [`Listening`] (the address once it is bound), and
/// contribute [`HealthCheck`]s, which readiness then looks at.
pub fn module() -> Module {
    Module::new("http")
        .module(section::<HttpConfig>())
        .provide(api)
        .provide(Listening::new)
        .provide(numbers)
        .contribute(collector)
        .process("http", serve)
}

/// What nobody says about the API is what is known of the service.
fn api(
    routes: Vec<Routes>,
    info: Option<ApiInfo>,
    services: Vec<Service>,
    config: HttpConfig,
) -> Result<Api, Diagnostic> {
    let mut info = info.unwrap_or_else(|| ApiInfo::of(&services));
    if let Some(secret) = &config.cursor_secret {
        info = info.cursor_secret(secret.expose().as_bytes());
    }
    Ok(Api::new(routes, Some(info))?)
}

fn numbers() -> Arc<HttpMetrics> {
    Arc::new(HttpMetrics::new())
}

fn collector(numbers: Arc<HttpMetrics>) -> CollectorRef {
    numbers
}

/// What draining may take of the time that an app has to stop, if nobody gives it more.
const TIME_TO_STOP: Duration = Duration::from_secs(27);

/// What the operators' endpoints look at.
type Watched = (Vec<HealthCheck>, Option<Metrics>);

fn serve(
    config: HttpConfig,
    api: Api,
    numbers: Arc<HttpMetrics>,
    (checks, metrics): Watched,
    (settings, listening): (Settings, Listening),
    phases: Phases,
    lifecycle: Lifecycle,
) {
    let router = if config.docs {
        api.router().merge(api.docs())
    } else {
        api.router()
    };
    let metrics = metrics.filter(|_| config.metrics);
    let ops = Ops::new(
        phases.clone(),
        checks,
        metrics,
        !settings.profile().is_production(),
    );
    let shared = Arc::new(Shared {
        router,
        ops: Arc::new(ops),
        limits: config.limits(),
        overrides: Overrides::of(api.operations()),
        trust: config.trust(),
        cors: config.cors(),
        metrics: numbers,
        access_log: config.access_log,
        drain: Drain::default(),
        clock: Clock::start(),
    });

    if settings.profile().is_production() && api.has_open_cursors() {
        tracing::warn!(
            target: "atlas::http",
            "cursors of lists are sealed with a key that everybody knows; set `http.cursor_secret`",
        );
    }
    let time = config.drain_delay.get() + config.grace.get();
    if time > TIME_TO_STOP {
        tracing::warn!(
            target: "atlas::http", ?time,
            "`http.drain_delay` and `http.grace` leave nothing of the 28 s that an app has to stop; give it more: `App::stop_timeout`",
        );
    }

    let (opened, ready) = oneshot::channel();
    let address = (config.host, config.port);
    lifecycle.on_start_named("listen", move || async move {
        let listener = open(address.into(), &settings)?;
        let address = listener.socket.local_addr().map_err(|error| {
            Diagnostic::new("A201", "the listening socket has no address")
                .exit(69)
                .source(error)
        })?;
        tracing::info!(target: "atlas::http", %address, "listening");
        listening.tell(address);
        // the other end waits in the task below
        let _ = opened.send(listener);
        Ok::<_, Diagnostic>(())
    });
    lifecycle.limit(config.time_to_end());
    lifecycle.spawn(move |shutdown| async move {
        if let Ok(listener) = ready.await {
            run(
                listener,
                shared,
                phases,
                shutdown,
                config.drain_delay.get(),
                config.grace.get(),
            )
            .await;
        }
    });
}
