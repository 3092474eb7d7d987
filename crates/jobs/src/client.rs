//! How a service enqueues jobs.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use atlas_core::{Actor, Component};
use atlas_telemetry::{context, names::jobs::label};
use tracing::Instrument;

use crate::{
    DEFAULT_QUEUE, Error, Inline, Job, JobId, JobMetrics, JobsConfig, Middleware, Options,
    Priority, Result, Time,
    gather::{Gather, silent},
    handler,
    metrics::Added,
    name, span,
    store::{Enqueued, NewJob, Run, Store, UniqueKey},
};

/// The longest key of a unique job or of a limit, in bytes.
const LONGEST_KEY: usize = 255;

/// Enqueues jobs: a component.
///
/// Inside of a transaction of the database that holds the jobs, a job is there if and only if the transaction commits, and
/// workers learn of it then.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use atlas_jobs::{Job, Jobs, JobsConfig, MemoryStore, Priority};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)] struct SendReceipt { order_id: u64 }
/// # impl Job for SendReceipt { const KIND: &'static str = "send_receipt"; }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> atlas_jobs::Result<()> {
/// # let store = Arc::new(MemoryStore::new());
/// # let jobs = Jobs::new(store, Vec::new(), &JobsConfig::for_tests());
/// jobs.enqueue(SendReceipt { order_id: 7 }).await?;
/// jobs.enqueue(SendReceipt { order_id: 8 })
///     .after(Duration::from_secs(60))
///     .priority(Priority::LOW)
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Jobs(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    store: Arc<dyn Store>,
    /// What shares a flush to the disk or a round trip among many, where there is one.
    gather: Option<Gather>,
    middleware: Vec<Arc<dyn Middleware>>,
    max_payload: usize,
    max_attempts: u32,
    ageing: Duration,
    metrics: JobMetrics,
    inline: Option<Inline>,
}

impl Component for Jobs {}

impl Jobs {
    /// Enqueues into this store, through these hooks.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        middleware: Vec<Arc<dyn Middleware>>,
        config: &JobsConfig,
    ) -> Self {
        let gather = store.features().durable.then(|| {
            let store = Arc::clone(&store);
            Gather::new(move |jobs| {
                let store = Arc::clone(&store);
                async move { store.enqueue(jobs).await }
            })
        });
        Self(Arc::new(Inner {
            store,
            gather,
            middleware,
            max_payload: usize::try_from(config.max_payload.bytes()).unwrap_or(usize::MAX),
            max_attempts: config.max_attempts,
            ageing: *config.ageing,
            metrics: JobMetrics::new(),
            inline: None,
        }))
    }

    /// Counts there what is enqueued; nobody sees it otherwise.
    #[must_use]
    pub fn metrics(mut self, metrics: JobMetrics) -> Self {
        Arc::make_mut(&mut self.0).metrics = metrics;
        self
    }

    /// Runs what is enqueued at once, in the task that enqueues it: for tests.
    #[must_use]
    pub fn inline(mut self, inline: Inline) -> Self {
        Arc::make_mut(&mut self.0).inline = Some(inline);
        self
    }

    /// Where the jobs are.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    /// Enqueues a job, once the returned value is awaited; before that, it may be said how.
    #[must_use = "nothing is enqueued until it is awaited"]
    pub fn enqueue<J: Job>(&self, job: J) -> Enqueue<'_> {
        let kind = handler::stored(J::KIND, J::VERSION);
        let options = job.options();
        match serde_json::to_vec(&job) {
            Ok(payload) => self.draft(kind, payload, options),
            Err(source) => Enqueue {
                jobs: self,
                draft: Err(Error::Unserialisable { kind, source }),
            },
        }
    }

    /// Enqueues a job of which only the name of the kind and the JSON are known, as operators and schedules do.
    #[must_use = "nothing is enqueued until it is awaited"]
    pub fn enqueue_raw(&self, kind: &str, payload: Vec<u8>) -> Enqueue<'_> {
        let (plain, _) = handler::split(kind);
        if !name::is_name(plain) {
            let words = format!("`{kind}` cannot be a kind: it is {}", name::RULE);
            return Enqueue {
                jobs: self,
                draft: Err(Error::Invalid(words)),
            };
        }
        self.draft(kind.to_owned(), payload, Options::new())
    }

    /// Enqueues many jobs in one call, all or none. Answers in their order.
    ///
    /// # Errors
    ///
    /// Those of one.
    pub async fn enqueue_all<J: Job>(
        &self,
        jobs: impl IntoIterator<Item = J>,
    ) -> Result<Vec<Enqueued>> {
        let mut all = Vec::new();
        for job in jobs {
            all.push(self.enqueue(job).counted().await?);
        }
        self.send(all).await
    }

    /// Puts jobs into the store, and counts what becomes of them once that is for good.
    async fn send(&self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>> {
        let Inner {
            store,
            metrics,
            inline,
            ..
        } = &*self.0;
        let (span, series) = (span::producer(&jobs), metrics.series_of(&jobs));
        let enqueued = self.put(jobs).instrument(span.clone()).await;
        let enqueued = enqueued.inspect_err(|error| {
            span::refused(&span, error);
            series.iter().for_each(|it| it.added(Added::Failed));
        })?;
        let answers = enqueued.clone();
        let count = move || {
            for (series, answer) in series.iter().zip(answers) {
                series.added(answer.into());
            }
        };
        store.after_commit(Box::new(count)).await;
        if let Some(inline) = inline {
            inline.run(&enqueued).await?;
        }
        Ok(enqueued)
    }

    /// Puts jobs into the store; one that has nothing to do with any other goes together with those of other callers.
    async fn put(&self, mut jobs: Vec<NewJob>) -> Result<Vec<Enqueued>> {
        let Inner { store, gather, .. } = &*self.0;
        let alone = jobs.len() == 1 && jobs[0].unique.is_none() && !store.in_transaction();
        match (gather, jobs.pop()) {
            (Some(gather), Some(job)) if alone => Ok(vec![gather.enqueue(job).await?]),
            (_, last) => {
                jobs.extend(last);
                store.enqueue(jobs).await
            }
        }
    }

    /// Counts the jobs of a tick.
    pub(crate) fn fired(&self, jobs: &[NewJob]) {
        let series = self.0.metrics.series_of(jobs);
        series.iter().for_each(|it| it.added(Added::Fired));
    }

    /// Counts a job that could not be enqueued. Names that cannot be are none, so that nobody can invent them.
    fn failed(&self, queue: Option<&str>, kind: Option<&str>) {
        let queue = queue.unwrap_or(DEFAULT_QUEUE);
        let queue = Some(queue).filter(|it| name::is_name(it));
        let series = self
            .0
            .metrics
            .series(queue.unwrap_or(label::OTHER), kind.unwrap_or(label::OTHER));
        series.added(Added::Failed);
    }

    fn draft(&self, kind: String, payload: Vec<u8>, options: Options) -> Enqueue<'_> {
        let draft = Draft {
            id: JobId::generate(),
            kind,
            payload,
            options,
            run: Run::Now,
            schedule: None,
        };
        Enqueue {
            jobs: self,
            draft: Ok(draft),
        }
    }

    /// The job as a store takes it, checked, and after all hooks.
    async fn finished(&self, draft: Draft) -> Result<NewJob> {
        let mut job = self.check(draft)?;
        for middleware in &self.0.middleware {
            let hook = crate::catch::panics(middleware.enqueue(&mut job)).await;
            hook.unwrap_or_else(|panic| Err(Error::Vetoed(format!("a hook panicked: {panic}"))))?;
        }
        if job.payload.len() > self.0.max_payload {
            return Err(self.too_large(&job.kind, job.payload.len()));
        }
        Ok(job)
    }

    fn check(&self, draft: Draft) -> Result<NewJob> {
        let Draft {
            id,
            kind,
            payload,
            options,
            run,
            schedule,
        } = draft;
        if payload.len() > self.0.max_payload {
            return Err(self.too_large(&kind, payload.len()));
        }
        let queue = options.queue.unwrap_or_else(|| DEFAULT_QUEUE.to_owned());
        if !name::is_name(&queue) {
            let words = format!("`{queue}` cannot be a queue: it is {}", name::RULE);
            return Err(Error::Invalid(words));
        }
        let unique = options.unique.map(|unique| UniqueKey {
            key: format!("{}:{}", handler::split(&kind).0, unique.key),
            until: unique.until,
            on_conflict: unique.on_conflict,
        });
        short_enough("unique key", unique.as_ref().map(|it| it.key.as_str()))?;
        short_enough("key of a limit", options.limit.as_ref().map(|it| it.name()))?;
        let trace = context::current(|it| it.trace_parent().to_header());
        Ok(NewJob {
            id,
            kind,
            queue,
            priority: options.priority.unwrap_or_default(),
            ageing: self.0.ageing,
            payload,
            max_attempts: options.max_attempts.unwrap_or(self.0.max_attempts),
            run,
            timeout: options.timeout,
            max_age: options.max_age,
            unique,
            limit: options.limit,
            trace: trace.map(|it| String::from_utf8_lossy(&it).into_owned()),
            actor: Actor::current().map(|it| it.id().to_owned()),
            schedule,
        })
    }

    fn too_large(&self, kind: &str, size: usize) -> Error {
        Error::TooLarge {
            kind: kind.to_owned(),
            size,
            max: self.0.max_payload,
        }
    }
}

fn short_enough(what: &str, key: Option<&str>) -> Result<()> {
    match key {
        Some(key) if key.len() > LONGEST_KEY => Err(Error::Invalid(format!(
            "a {what} may have {LONGEST_KEY} bytes, and this has {}: {}…",
            key.len(),
            key.chars().take(40).collect::<String>()
        ))),
        _ => Ok(()),
    }
}

/// A job that is enqueued when this is awaited.
#[must_use = "nothing is enqueued until it is awaited"]
pub struct Enqueue<'a> {
    jobs: &'a Jobs,
    draft: Result<Draft>,
}

struct Draft {
    id: JobId,
    kind: String,
    payload: Vec<u8>,
    options: Options,
    run: Run,
    schedule: Option<String>,
}

impl<'a> Enqueue<'a> {
    /// Under this name: to enqueue the same one again changes nothing.
    pub fn id(self, id: JobId) -> Self {
        self.with(|draft| draft.id = id)
    }

    /// Not before this much time has passed.
    pub fn after(self, wait: Duration) -> Self {
        self.with(|draft| draft.run = Run::In(wait))
    }

    /// Not before this time; at once if that has passed.
    pub fn at(self, time: Time) -> Self {
        self.with(|draft| draft.run = Run::At(time))
    }

    /// In this queue, whatever the job says.
    pub fn queue(self, queue: impl Into<String>) -> Self {
        let queue = queue.into();
        self.with(|draft| draft.options.queue = Some(queue))
    }

    /// With this priority, whatever the job says.
    pub fn priority(self, priority: Priority) -> Self {
        self.with(|draft| draft.options.priority = Some(priority))
    }

    /// With these options; where they say nothing, those of the job hold. A back-off is decided by the job alone.
    pub fn options(self, options: Options) -> Self {
        self.with(|draft| draft.options = options.or(std::mem::take(&mut draft.options)))
    }

    /// As a job of this schedule.
    pub fn schedule(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.with(|draft| draft.schedule = Some(name))
    }

    /// The job as a store would get it: checked, and after all hooks. Nothing is enqueued.
    ///
    /// # Errors
    ///
    /// Those of awaiting it, except those of the store.
    pub async fn prepare(self) -> Result<NewJob> {
        self.jobs.finished(self.draft?).await
    }

    /// As [`prepare`](Self::prepare), and a job that is not enqueued for it is counted.
    async fn counted(self) -> Result<NewJob> {
        let jobs = self.jobs;
        let names = self.draft.as_ref().ok();
        let names = names.map(|it| (it.options.queue.clone(), it.kind.clone()));
        let prepared = self.prepare().await;
        prepared.inspect_err(|_| match &names {
            Some((queue, kind)) => jobs.failed(queue.as_deref(), Some(kind)),
            None => jobs.failed(None, None),
        })
    }

    fn with(mut self, change: impl FnOnce(&mut Draft)) -> Self {
        if let Ok(draft) = &mut self.draft {
            change(draft);
        }
        self
    }
}

impl<'a> IntoFuture for Enqueue<'a> {
    type Output = Result<Enqueued>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let jobs = self.jobs;
            let job = self.counted().await?;
            let enqueued = jobs.send(vec![job]).await?;
            enqueued.into_iter().next().ok_or_else(silent)
        })
    }
}
