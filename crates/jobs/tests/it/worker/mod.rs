//! What workers do with jobs.

mod away;
mod ends;
mod life;
mod metrics;
mod order;
mod stop;
mod trace;

use std::{
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use atlas_jobs::{
    Backoff, Handler, Handlers, Job, JobId, JobMetrics, JobRecord, Jobs, JobsConfig, MemoryStore,
    Middleware, Options, State, Worker, store::Store,
};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longer than anything takes on a slow machine.
const LONG: Duration = Duration::from_secs(60);

/// A job of the tests: a number, and how often it may be attempted.
#[derive(Serialize, Deserialize)]
struct Task {
    number: u32,
    attempts: u32,
}

impl Job for Task {
    const KIND: &'static str = "task";

    fn options(&self) -> Options {
        let backoff = Backoff::fixed(Duration::from_millis(10));
        Options::new().max_attempts(self.attempts).backoff(backoff)
    }
}

fn task(number: u32) -> Task {
    Task {
        number,
        attempts: 3,
    }
}

/// Short times, so that tests are.
fn config() -> JobsConfig {
    let mut config = JobsConfig::for_tests();
    config.heartbeat = Duration::from_millis(100).into();
    config.lease = Duration::from_secs(20).into();
    config.cancel_grace = Duration::from_millis(200).into();
    config.shutdown_grace = LONG.into();
    config
}

/// A store, and who enqueues into it.
struct World {
    config: JobsConfig,
    store: Arc<dyn Store>,
    jobs: Jobs,
    metrics: JobMetrics,
}

impl World {
    fn new(config: JobsConfig) -> Self {
        Self::with(config, Arc::new(MemoryStore::new()))
    }

    fn with(config: JobsConfig, store: Arc<dyn Store>) -> Self {
        let metrics = JobMetrics::new();
        let jobs = Jobs::new(Arc::clone(&store), Vec::new(), &config);
        Self {
            config,
            store,
            jobs: jobs.metrics(metrics.clone()),
            metrics,
        }
    }

    fn work(&self, handler: Handler) -> Working {
        self.work_with(handler, Vec::new())
    }

    fn work_with(&self, handler: Handler, middleware: Vec<Arc<dyn Middleware>>) -> Working {
        let handlers = Handlers::new(vec![handler]).unwrap();
        let store = Arc::clone(&self.store);
        let worker = Worker::new(store, handlers, middleware, &self.config);
        let worker = worker.metrics(self.metrics.clone());
        let stop = CancellationToken::new();
        let task = tokio::spawn(worker.run(stop.clone().cancelled_owned()));
        Working { stop, task }
    }

    async fn add(&self, job: Task) -> JobId {
        self.jobs.enqueue(job).await.unwrap().id()
    }

    async fn find(&self, id: JobId) -> JobRecord {
        self.store.find(id).await.unwrap().unwrap()
    }

    /// Waits until a job is in a state.
    async fn reaches(&self, id: JobId, state: State) -> JobRecord {
        until(|| async { self.find(id).await.state == state }).await;
        self.find(id).await
    }
}

/// A worker that runs.
struct Working {
    stop: CancellationToken,
    task: JoinHandle<atlas_jobs::Result<()>>,
}

impl Working {
    /// Stops it, and waits for its end.
    async fn stop(self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(LONG, self.task).await;
        ended.expect("it ends").unwrap().unwrap();
    }
}

/// Waits until something is so.
async fn until<F: Future<Output = bool>>(so: impl Fn() -> F) {
    let wait = async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(LONG, wait)
        .await
        .expect("it becomes so");
}

/// Counts.
#[derive(Clone, Default)]
struct Count(Arc<AtomicU32>);

impl Count {
    fn add(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn get(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }

    async fn reaches(&self, count: u32) {
        until(|| async { self.get() >= count }).await;
    }
}

/// What happened, in its order.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<Vec<String>>>);

impl Ledger {
    fn note(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    fn read(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}
