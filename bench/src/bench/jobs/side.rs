//! Atlas's side: one measurement.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, bail, ensure};
use atlas_jobs::{Handler, Handlers, Job, Jobs, JobsConfig, Run, Worker, store::Store};
use serde::{Deserialize, Serialize};

use super::{Measured, place};

/// Jobs of one bulk call.
const BULK: u64 = 10_000;
/// Jobs that are completed before those that are measured, where a long history is asked for.
const HISTORY: u64 = 1_000_000;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// How many jobs a second are enqueued one by one, by as many producers as the concurrency says.
    Enqueue,
    /// How many jobs a second are enqueued by calls of 10,000.
    Bulk,
    /// How many jobs a second a worker takes from a backlog.
    Drain,
    /// The same beside a million jobs that are completed.
    History,
    /// How many jobs a second are enqueued one by one and worked on at the same time.
    Flow,
    /// How long a job waits that is enqueued at a rate.
    Latency,
}

/// One measurement.
#[derive(Debug)]
pub(crate) struct Plan {
    mode: Mode,
    url: String,
    jobs: u64,
    concurrency: u32,
    /// How many are enqueued in a second, or by how many producers.
    rate: u64,
}

impl Plan {
    /// The plan that these arguments are, if they are one.
    pub(crate) fn of(arguments: &[String]) -> Result<Option<Self>> {
        let mode = match arguments.first().map(String::as_str) {
            Some("enqueue") => Mode::Enqueue,
            Some("bulk") => Mode::Bulk,
            Some("drain") => Mode::Drain,
            Some("history") => Mode::History,
            Some("flow") => Mode::Flow,
            Some("latency") => Mode::Latency,
            _ => return Ok(None),
        };
        let [_, url, jobs, concurrency, rest @ ..] = arguments else {
            bail!("which URL, how many jobs, and how many at a time?");
        };
        Ok(Some(Self {
            mode,
            url: url.clone(),
            jobs: jobs.parse().context("the number of jobs")?,
            concurrency: concurrency.parse().context("how many at a time")?,
            rate: rest.first().map_or(Ok(0), |it| it.parse())?,
        }))
    }
}

/// A job that does nothing but say how long it has waited.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Noop {
    /// Microseconds since 1970 when it was enqueued.
    pushed: u64,
}

impl Job for Noop {
    const KIND: &'static str = "noop";
}

/// What the handlers have seen.
#[derive(Default)]
struct Seen {
    done: AtomicU64,
    waits: Mutex<Vec<u64>>,
}

/// Measures, and prints a line of JSON.
pub(crate) fn atlas(plan: &Plan) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let measured = runtime.block_on(measure(plan))?;
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

async fn measure(plan: &Plan) -> Result<Measured> {
    let store = place::store(&plan.url).await?;
    let config = JobsConfig {
        concurrency: plan.concurrency,
        ..place::config()?
    };
    let jobs = Jobs::new(Arc::clone(&store), Vec::new(), &config);
    let seen = Arc::new(Seen::default());
    let rate = match plan.mode {
        Mode::Enqueue => enqueue(plan.jobs, plan.concurrency.into(), &jobs).await?,
        Mode::Bulk => bulk(plan.jobs, &jobs).await?,
        Mode::Drain => drain(plan.jobs, &jobs, &config, &seen).await?,
        Mode::History => {
            drain(HISTORY, &jobs, &config, &seen).await?;
            drain(plan.jobs, &jobs, &config, &seen).await?
        }
        Mode::Flow => {
            let push = async { enqueue(plan.jobs, plan.rate, &jobs).await.map(drop) };
            work(plan.jobs, store, &config, &seen, push).await?
        }
        Mode::Latency => work(plan.jobs, store, &config, &seen, push(plan, &jobs)).await?,
    };
    let mut waits = std::mem::take(&mut *seen.waits.lock().unwrap_or_else(PoisonError::into_inner));
    waits.sort_unstable();
    let at = |percent: usize| {
        let index = (waits.len() * percent / 100).min(waits.len().saturating_sub(1));
        waits.get(index).map(|wait| millis(*wait))
    };
    Ok(Measured {
        rate,
        p50_ms: at(50),
        p99_ms: at(99),
    })
}

async fn enqueue(all: u64, producers: u64, jobs: &Jobs) -> Result<f64> {
    let share = all / producers;
    ensure!(
        share * producers == all,
        "{producers} producers cannot share {all} jobs"
    );
    let began = Instant::now();
    let producers: Vec<_> = (0..producers)
        .map(|_| {
            let jobs = jobs.clone();
            tokio::spawn(async move {
                for _ in 0..share {
                    jobs.enqueue(Noop { pushed: 0 }).await?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for producer in producers {
        producer.await??;
    }
    Ok(per_second(all, began.elapsed()))
}

async fn bulk(jobs: u64, client: &Jobs) -> Result<f64> {
    let began = Instant::now();
    let mut left = jobs;
    while left > 0 {
        let some = left.min(BULK);
        client
            .enqueue_all((0..some).map(|_| Noop { pushed: 0 }))
            .await?;
        left -= some;
    }
    Ok(per_second(jobs, began.elapsed()))
}

async fn drain(jobs: u64, client: &Jobs, config: &JobsConfig, seen: &Arc<Seen>) -> Result<f64> {
    bulk(jobs, client).await?;
    let store = Arc::clone(client.store());
    work(jobs, store, config, seen, async { Ok(()) }).await
}

/// Enqueues at the plan's rate, each job at its own time, so that a slow call does not hide the wait of the next ones.
async fn push(plan: &Plan, jobs: &Jobs) -> Result<()> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / u32::try_from(plan.rate)?);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..plan.jobs {
        ticks.tick().await;
        let (jobs, pushed) = (jobs.clone(), now());
        calls.spawn(async move { jobs.enqueue(Noop { pushed }).await.map(drop) });
        while let Some(called) = calls.try_join_next() {
            called??;
        }
    }
    while let Some(called) = calls.join_next().await {
        called??;
    }
    Ok(())
}

/// Works until so many jobs are done, while `beside` goes on.
async fn work(
    jobs: u64,
    store: Arc<dyn Store>,
    config: &JobsConfig,
    seen: &Arc<Seen>,
    beside: impl Future<Output = Result<()>>,
) -> Result<f64> {
    let handler = {
        let seen = Arc::clone(seen);
        Handler::of(move |run: Run<Noop>| {
            let seen = Arc::clone(&seen);
            async move {
                if run.pushed > 0 {
                    let wait = now().saturating_sub(run.pushed);
                    let mut waits = seen.waits.lock().unwrap_or_else(PoisonError::into_inner);
                    waits.push(wait);
                }
                seen.done.fetch_add(1, Ordering::Relaxed);
                Ok::<(), std::convert::Infallible>(())
            }
        })
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let before = seen.done.load(Ordering::Relaxed);
    let worker = Worker::new(
        store.clone(),
        Handlers::new(vec![handler])?,
        Vec::new(),
        config,
    );
    let began = Instant::now();
    let worker = tokio::spawn(worker.run(async {
        stopped.await.ok();
    }));
    beside.await?;
    until(before + jobs, seen).await?;
    let took = began.elapsed();
    stop.send(()).ok();
    worker.await??;
    let queues = store.stats(false).await?.queues;
    let left: u64 = queues.values().flat_map(|it| it.jobs.values()).sum();
    ensure!(left == 0, "{left} jobs are left that were said to be done");
    Ok(per_second(jobs, took))
}

/// Waits until so many jobs are done; gives up when none is for a minute.
async fn until(jobs: u64, seen: &Seen) -> Result<()> {
    let mut last = (0, Instant::now());
    loop {
        let done = seen.done.load(Ordering::Relaxed);
        if done >= jobs {
            return Ok(());
        }
        if done > last.0 {
            last = (done, Instant::now());
        } else if last.1.elapsed() > Duration::from_secs(60) {
            bail!("{done} of {jobs} jobs are done, and no more for a minute");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| u64::try_from(it.as_micros()).unwrap_or(u64::MAX))
}

#[allow(clippy::cast_precision_loss, reason = "figures")]
fn per_second(jobs: u64, took: Duration) -> f64 {
    jobs as f64 / took.as_secs_f64()
}

#[allow(clippy::cast_precision_loss, reason = "figures")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}
