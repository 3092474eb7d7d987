//! What every part of a worker needs.

use std::{sync::Arc, time::Duration};

use crate::{Handlers, JobMetrics, JobsConfig, Middleware, Scheduler, store::Store};

/// What every part of a worker needs.
pub(super) struct Setup {
    pub(super) store: Arc<dyn Store>,
    pub(super) handlers: Handlers,
    pub(super) middleware: Vec<Arc<dyn Middleware>>,
    pub(super) config: JobsConfig,
    pub(super) metrics: JobMetrics,
    /// Who is told when schedules may have changed.
    pub(super) scheduler: Option<Scheduler>,
    /// What the store calls this worker: unique to it.
    pub(super) name: String,
}

impl Setup {
    pub(super) fn new(
        store: Arc<dyn Store>,
        handlers: Handlers,
        middleware: Vec<Arc<dyn Middleware>>,
        config: &JobsConfig,
    ) -> Self {
        let host = std::env::var("HOSTNAME").ok();
        let host = host.or_else(|| std::fs::read_to_string("/etc/hostname").ok());
        let host = host.map(|it| it.trim().chars().take(60).collect::<String>());
        let host = host.filter(|it| !it.is_empty());
        let host = host.unwrap_or_else(|| "localhost".to_owned());
        Self {
            store,
            handlers,
            middleware,
            config: config.clone(),
            metrics: JobMetrics::new(),
            scheduler: None,
            name: format!("{host}:{}:{:08x}", std::process::id(), fastrand::u32(..)),
        }
    }

    /// Passes on that somebody may have changed a schedule.
    pub(super) fn look_at_schedules(&self) {
        if let Some(scheduler) = &self.scheduler {
            scheduler.look();
        }
    }

    /// How long an attempt may take of a job that says nothing itself.
    pub(super) fn timeout(&self) -> Option<Duration> {
        Some(*self.config.timeout).filter(|it| !it.is_zero())
    }
}
