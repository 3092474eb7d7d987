//! A worker from its start to its end.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::{sync::Notify, task::JoinSet, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    claims::{self, Claims},
    finisher::Finisher,
    heartbeat::Heartbeat,
    hold::Holds,
    maintenance,
    setup::Setup,
};
use crate::{Error, Handlers, JobMetrics, JobsConfig, Middleware, Result, Scheduler, store::Store};

/// How long handlers have to end by themselves when the grace of a shutdown is over.
const LAST: Duration = Duration::from_millis(400);
/// How long the worker waits, after that, for the store to take what came of its jobs.
const TELL: Duration = Duration::from_secs(2);

/// Runs jobs until it is told to stop.
pub struct Worker(Setup);

impl Worker {
    /// Runs jobs of this store: those that there are handlers for, out of the queues of the configuration.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        handlers: Handlers,
        middleware: Vec<Arc<dyn Middleware>>,
        config: &JobsConfig,
    ) -> Self {
        Self(Setup::new(store, handlers, middleware, config))
    }

    /// Counts there what it does; nobody sees it otherwise.
    #[must_use]
    pub fn metrics(mut self, metrics: JobMetrics) -> Self {
        self.0.metrics = metrics;
        self
    }

    /// Tells this scheduler of changes that the store tells the worker, which listens to it anyhow; a scheduler alone finds
    /// them within a second.
    #[must_use]
    pub fn scheduler(mut self, scheduler: &Scheduler) -> Self {
        self.0.scheduler = Some(scheduler.clone());
        self
    }

    /// What the store calls it: host, process and a random number, unique to it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Runs jobs until `shutdown` is there. Then it claims nothing more and gives back what it has not started; what runs
    /// has `jobs.shutdown_grace` to end, while its leases are kept; then the handlers' tokens fire, and what still runs soon
    /// after that is ended and given back, which costs no attempt. A handler that blocks its thread cannot be ended: its
    /// job stays with its lease until that runs out.
    ///
    /// A store that does not answer is asked again until it does.
    ///
    /// # Errors
    ///
    /// [`Refused`](Error::Refused) when the thread of the heartbeats cannot be started.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<()> {
        let setup = Arc::new(self.0);
        let queues: Vec<_> = setup.config.queues.keys().map(String::as_str).collect();
        let kinds: Vec<_> = setup.handlers.iter().map(|it| it.kind()).collect();
        setup.metrics.foresee(&queues, &kinds);
        let holds = Arc::new(Holds::default());
        let (work, control) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (stop, abort) = (CancellationToken::new(), CancellationToken::new());
        // whatever ends this future ends the thread too, and what would claim more
        let over = CancellationToken::new();
        let _ends = (stop.clone().drop_guard(), over.clone().drop_guard());
        let heartbeat = Heartbeat {
            setup: Arc::clone(&setup),
            holds: Arc::clone(&holds),
            control: Arc::clone(&control),
            stop: over,
        };
        heartbeat
            .start()
            .map_err(|error| Error::Refused(error.into()))?;
        let (finisher, telling) = Finisher::new(Arc::clone(&setup), Arc::clone(&holds));
        let mut aside = JoinSet::new();
        aside.spawn(claims::listen(
            Arc::clone(&setup),
            Arc::clone(&work),
            control,
        ));
        aside.spawn(maintenance::rescue(Arc::clone(&setup)));
        aside.spawn(maintenance::prune(Arc::clone(&setup)));
        aside.spawn(maintenance::count(Arc::clone(&setup)));
        let mut telling = JoinSet::from_iter([telling]);
        let tasks = TaskTracker::new();
        let claims = Claims {
            setup: Arc::clone(&setup),
            holds: Arc::clone(&holds),
            finisher,
            tasks: tasks.clone(),
            stop: stop.clone(),
            abort: abort.clone(),
            work,
        };
        let claiming = tokio::spawn(claims.run());
        shutdown.await;
        stop.cancel();
        let ended = async {
            claiming.await.ok();
            tasks.close();
            tasks.wait().await;
        };
        tokio::pin!(ended);
        if timeout(*setup.config.shutdown_grace, &mut ended)
            .await
            .is_err()
        {
            claims::end_all(&holds);
            if timeout(LAST, &mut ended).await.is_err() {
                abort.cancel();
                timeout(LAST, &mut ended).await.ok();
            }
        }
        // the last sender is gone with the last task, and then all is told
        if timeout(TELL, telling.join_next()).await.is_err() {
            tracing::warn!(target: "atlas::jobs", jobs = holds.all().len(), "the worker ends without having told the store what came of some jobs: their leases run out");
        }
        Ok(())
    }
}
