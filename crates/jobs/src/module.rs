//! How jobs become part of a service.

use std::{sync::Arc, time::Duration};

use atlas_core::{Diagnostic, HealthCheck, Lifecycle, Module, Shutdown};
use atlas_telemetry::CollectorRef;
use tokio_util::sync::CancellationToken;

#[cfg(feature = "db")]
use crate::store::Transactions;
use crate::{
    Error, Handlers, Inline, JobMetrics, Jobs, MemoryStore, Middleware, Plan, Scheduler, Schedules,
    Worker,
    clock::Clock,
    config::{JobsConfig, Readiness, StoreKind},
    diagnostics,
    store::Store,
};

/// The process that runs jobs and fires schedules, for [`App::only`](atlas_core::App::only).
pub const PROCESS: &str = "worker";

/// How long a worker takes beyond its grace to tell the store what came of its jobs.
const REST: Duration = Duration::from_secs(3);

/// How long the store may take to say that it can be used, and to close what it has opened.
const LIMIT: Duration = Duration::from_secs(15);

/// What jobs can be kept in besides memory: what the app has of it, as far as this build can use it.
#[cfg(feature = "db")]
type Databases = Option<atlas_db::Db>;
/// This build knows no database.
#[cfg(not(feature = "db"))]
type Databases = ();

/// What moves jobs from a table to the store.
#[cfg(feature = "db")]
type Relay = crate::outbox::Outbox;
/// This build has no tables.
#[cfg(not(feature = "db"))]
type Relay = NoRelay;

/// What never is.
#[cfg(not(feature = "db"))]
enum NoRelay {}

#[cfg(not(feature = "db"))]
impl NoRelay {
    async fn run(self, _stop: CancellationToken) {
        match self {}
    }
}

/// The Redis that the app has.
#[cfg(feature = "redis")]
type Servers = Option<atlas_redis::Redis>;
/// This build knows no Redis.
#[cfg(not(feature = "redis"))]
type Servers = ();

/// The module of jobs: the section `jobs`, the store that it names, [`Jobs`] that enqueues into it, the
/// [`Handlers`] that features contributed, their schedules as [`Plan`], [`Schedules`] that changes them at run time, the
/// [`Scheduler`] that fires them, a health check, and the process `worker`, which runs jobs and fires schedules.
///
/// At start the store is asked whether it can be used; at stop what it has opened is closed. With `jobs.outbox`, jobs that are
/// enqueued in a transaction of the database go through a table of it to a store elsewhere, and every process moves them on. Where there is a database, its
/// migrations have the tables of jobs among them. A store in memory follows the `Arc<dyn Clock>` of the app, if it has one. With
/// [`Inline`] as a component, jobs run where they are enqueued.
pub fn module() -> Module {
    let module = Module::new("jobs")
        .module(atlas_config::section::<JobsConfig>())
        .provide(open)
        .provide(Handlers::new)
        .provide(client)
        .provide(Plan::new)
        .provide(Schedules::new)
        .provide(Scheduler::new)
        .provide(JobMetrics::new)
        .contribute(collector)
        .contribute(health)
        .process(PROCESS, work);
    #[cfg(feature = "db")]
    let module = module.contribute(crate::sql::tables);
    module
}

fn open(
    config: JobsConfig,
    databases: Databases,
    servers: Servers,
    clock: Option<Arc<dyn Clock>>,
    lifecycle: Lifecycle,
) -> Result<Arc<dyn Store>, Diagnostic> {
    let store = choose(&config, databases.clone(), servers, clock)?;
    let (store, relay) = outbox(&config, store, databases)?;
    lifecycle.limit(LIMIT);
    lifecycle.on_stop({
        let store = Arc::clone(&store);
        move || async move { store.close().await }
    });
    lifecycle.on_start({
        let store = Arc::clone(&store);
        move || async move {
            let ready = store.prepare().await;
            ready.map_err(|error| diagnostics::unusable(&*store, error))
        }
    });
    if let Some(relay) = relay {
        lifecycle.spawn_named("outbox", move |shutdown: Shutdown| {
            stopped_by(shutdown, async move |stop| relay.run(stop).await)
        });
    }
    Ok(store)
}

/// Runs something that ends by a token until the app shuts down.
async fn stopped_by(
    shutdown: Shutdown,
    run: impl AsyncFnOnce(CancellationToken),
) -> Result<(), Error> {
    let stop = CancellationToken::new();
    let told = async {
        shutdown.triggered().await;
        stop.cancel();
    };
    tokio::join!(Box::pin(run(stop.clone())), told);
    Ok(())
}

fn collector(metrics: JobMetrics) -> CollectorRef {
    Arc::new(metrics)
}

fn client(
    store: Arc<dyn Store>,
    middleware: Vec<Arc<dyn Middleware>>,
    config: JobsConfig,
    metrics: JobMetrics,
    inline: Option<Inline>,
) -> Jobs {
    let jobs = Jobs::new(store, middleware, &config).metrics(metrics);
    match inline {
        Some(inline) => jobs.inline(inline),
        None => jobs,
    }
}

/// Runs jobs, and fires the schedules that the code declares and that somebody has added.
fn work(
    store: Arc<dyn Store>,
    handlers: Handlers,
    middleware: Vec<Arc<dyn Middleware>>,
    scheduler: Scheduler,
    metrics: JobMetrics,
    config: JobsConfig,
    lifecycle: Lifecycle,
) {
    let worker = Worker::new(store, handlers, middleware, &config)
        .metrics(metrics)
        .scheduler(&scheduler);
    lifecycle.limit(LIMIT);
    lifecycle.on_start_named("schedules", {
        let scheduler = scheduler.clone();
        move || async move { scheduler.declare().await }
    });
    lifecycle.spawn_named("scheduler", move |shutdown: Shutdown| {
        stopped_by(shutdown, async move |stop| scheduler.run(stop).await)
    });
    lifecycle.limit(config.shutdown_grace.get() + REST);
    lifecycle.spawn_named("jobs", move |shutdown: Shutdown| async move {
        worker.run(async move { shutdown.triggered().await }).await
    });
}

/// The store that the configuration names, made of what the app has.
fn choose(
    config: &JobsConfig,
    databases: Databases,
    servers: Servers,
    clock: Option<Arc<dyn Clock>>,
) -> Result<Arc<dyn Store>, Diagnostic> {
    let memory = || -> Arc<dyn Store> {
        Arc::new(match clock {
            Some(clock) => MemoryStore::with_clock(move || clock.now()),
            None => MemoryStore::new(),
        })
    };
    let asked = config.store;
    match asked {
        StoreKind::Memory => Ok(memory()),
        StoreKind::Auto => Ok(database(databases).unwrap_or_else(memory)),
        StoreKind::Database => database(databases).ok_or_else(|| match cfg!(feature = "db") {
            true => diagnostics::no_store(
                asked,
                "the app has no database",
                "add `.module(atlas::db::module())` to the app",
            ),
            false => diagnostics::no_store(
                asked,
                "no database is compiled in",
                "enable one of the features `sqlite`, `postgres` and `mysql` of `atlas-kit`",
            ),
        }),
        StoreKind::Redis => redis(servers).ok_or_else(|| match cfg!(feature = "redis") {
            true => diagnostics::no_store(
                asked,
                "the app has no Redis",
                "add `.module(atlas::redis::module())` to the app",
            ),
            false => diagnostics::no_store(
                asked,
                "no Redis is compiled in",
                "enable the feature `redis` of `atlas-kit`",
            ),
        }),
    }
}

/// The store with an outbox around it, if one is wanted and needed, and what moves the jobs of that on.
#[cfg(feature = "db")]
fn outbox(
    config: &JobsConfig,
    store: Arc<dyn Store>,
    db: Databases,
) -> Result<(Arc<dyn Store>, Option<Relay>), Diagnostic> {
    if !config.outbox || store.features().transactions == Transactions::Same {
        return Ok((store, None));
    }
    let db = db.ok_or_else(|| {
        diagnostics::no_outbox(
            "the app has no database",
            "add `.module(atlas::db::module())` to the app",
        )
    })?;
    let outbox = crate::outbox::Outbox::new(store, db);
    Ok((Arc::new(outbox.clone()), Some(outbox)))
}

#[cfg(not(feature = "db"))]
fn outbox(
    config: &JobsConfig,
    store: Arc<dyn Store>,
    (): Databases,
) -> Result<(Arc<dyn Store>, Option<Relay>), Diagnostic> {
    match config.outbox {
        false => Ok((store, None)),
        true => Err(diagnostics::no_outbox(
            "no database is compiled in",
            "enable one of the features `sqlite`, `postgres` and `mysql` of `atlas-kit`",
        )),
    }
}

#[cfg(feature = "db")]
fn database(db: Databases) -> Option<Arc<dyn Store>> {
    db.map(|db| Arc::new(crate::sql::SqlStore::new(db)) as _)
}

#[cfg(not(feature = "db"))]
fn database((): Databases) -> Option<Arc<dyn Store>> {
    None
}

#[cfg(feature = "redis")]
fn redis(redis: Servers) -> Option<Arc<dyn Store>> {
    redis.map(|redis| Arc::new(crate::RedisStore::new(redis)) as _)
}

#[cfg(not(feature = "redis"))]
fn redis((): Servers) -> Option<Arc<dyn Store>> {
    None
}

fn health(store: Arc<dyn Store>, config: JobsConfig) -> HealthCheck {
    let check = HealthCheck::new("jobs", move || {
        let store = Arc::clone(&store);
        async move { store.ping().await }
    });
    check.critical(config.readiness == Readiness::Required)
}
