//! What is actually running: one line when the app has started.

use std::fmt::Write;

use atlas_config::{Config, Settings};
use atlas_core::{Lifecycle, Module, Phase, Phases, Shutdown};
use atlas_telemetry::{LogConfig, Service};

/// The module that writes the report.
pub(super) fn module() -> Module {
    Module::new("report").invoke(announce)
}

/// The module that writes the report of a process without a server: nothing of HTTP is built for it.
#[cfg(feature = "jobs")]
pub(super) fn of_worker() -> Module {
    let announce = |parts: Parts, phases: Phases, lifecycle: Lifecycle| {
        announce((parts, Default::default()), phases, lifecycle);
    };
    Module::new("report").invoke(announce)
}

/// What the report looks at; what the app does not have is left out.
type Parts = (
    Option<Config>,
    Option<Settings>,
    Option<LogConfig>,
    Vec<Service>,
    Db,
);

#[cfg(feature = "http")]
type Http = (Option<atlas_http::Api>, Option<atlas_http::Listening>);
#[cfg(not(feature = "http"))]
type Http = ();

#[cfg(feature = "db")]
type Db = Option<atlas_db::Migrations>;
#[cfg(not(feature = "db"))]
type Db = ();

fn announce(parts: (Parts, Http), phases: Phases, lifecycle: Lifecycle) {
    lifecycle.spawn(move |stop: Shutdown| async move {
        // boxed, because a task is as large as its largest moment, and this one waits for most of its life
        let report = Box::pin(report(parts, phases));
        tokio::select! {
            () = report => stop.triggered().await,
            () = stop.triggered() => {}
        }
    });
}

async fn report(((config, settings, log, services, db), http): (Parts, Http), phases: Phases) {
    if phases.wait_for(Phase::Started).await != Phase::Started {
        return;
    }
    for warning in settings.iter().flat_map(|it| it.resolution().warnings()) {
        tracing::warn!(target: "atlas::startup", "{warning}");
    }
    let service = services
        .iter()
        .find(|it| it.version().is_some())
        .or(services.first());
    let mut sources = String::new();
    for source in config.iter().flat_map(Config::sources) {
        let comma = if sources.is_empty() { "" } else { ", " };
        let _ = write!(sources, "{comma}{}", source.display());
    }
    let name = service.map_or("service", Service::name);
    let (address, routes) = listening(http).await;
    let migrations = schema(db).await;
    tracing::info!(
        target: "atlas::startup",
        version = service.and_then(Service::version),
        profile = settings.as_ref().map(|it| it.profile().name()),
        config = Some(sources).filter(|it| !it.is_empty()),
        address,
        routes,
        migrations,
        log = log.as_ref().map(|it| it.level.to_string()),
        atlas = env!("CARGO_PKG_VERSION"),
        "{name} is ready"
    );
}

/// Where the service is reached, and how many routes it answers.
#[cfg(feature = "http")]
async fn listening((api, listening): Http) -> (Option<String>, Option<u64>) {
    let address = match listening {
        Some(listening) => Some(format!("http://{}", listening.address().await)),
        None => None,
    };
    (address, api.map(|api| api.operations().len() as u64))
}

#[cfg(not(feature = "http"))]
async fn listening((): Http) -> (Option<String>, Option<u64>) {
    (None, None)
}

/// Where the database stands.
#[cfg(feature = "db")]
async fn schema(db: Db) -> Option<String> {
    let status = db?.status().await.ok()?;
    let count = |state| status.iter().filter(|it| it.state == state).count();
    let applied = count(atlas_db::MigrationState::Applied);
    let pending = count(atlas_db::MigrationState::Pending);
    Some(format!("{applied} applied, {pending} pending"))
}

#[cfg(not(feature = "db"))]
async fn schema((): Db) -> Option<String> {
    None
}
