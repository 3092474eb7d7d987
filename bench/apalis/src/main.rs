//! The peer: the same no-op jobs through apalis, on the same store.
//!
//! `bench-apalis <mode> <url> <jobs> <concurrency> [rate]`, where the mode is
//!
//! - `enqueue`: how many jobs a second are pushed, one by one, by as many producers as `concurrency` says
//! - `drain`: how many jobs a second a worker takes from a backlog of `jobs`, for 20 seconds at most
//! - `flow`: how many jobs a second are pushed one by one, by as many producers as `rate` says, and run meanwhile, for 20
//!   seconds at most
//! - `latency`: how long a job waits that is pushed at `rate` a second, in milliseconds
//!
//! One line of JSON on stdout says what was measured. Batches are of 100, and the store is otherwise as its crate sets it up.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use apalis::prelude::*;
use serde::{Deserialize, Serialize};

/// A job that does nothing but say how long it has waited.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Noop {
    /// Microseconds since 1970 when it was pushed.
    pushed: u64,
}

/// How long a backlog is worked on: its rate is that of what was done until then.
const LONGEST: Duration = Duration::from_secs(20);

static DONE: AtomicU64 = AtomicU64::new(0);
static WAITS: Mutex<Vec<u64>> = Mutex::new(Vec::new());

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| it.as_micros() as u64)
}

async fn noop(job: Noop) -> Result<(), BoxDynError> {
    if job.pushed > 0 {
        let wait = now().saturating_sub(job.pushed);
        WAITS.lock().unwrap().push(wait);
    }
    DONE.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

struct Plan {
    mode: String,
    url: String,
    jobs: u64,
    concurrency: usize,
    rate: u64,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().with_context(|| format!("which {what}?"));
    let plan = Plan {
        mode: next("mode")?,
        url: next("url")?,
        jobs: next("number of jobs")?.parse()?,
        concurrency: next("concurrency")?.parse()?,
        rate: next("rate").ok().map_or(Ok(0), |it| it.parse())?,
    };
    if plan.url.starts_with("postgres") {
        postgres(&plan).await
    } else if plan.url.starts_with("redis") {
        redis(&plan).await
    } else {
        sqlite(&plan).await
    }
}

/// Runs the plan on a backend that is made anew by the expression for each producer and for the worker.
macro_rules! drive {
    ($plan:expr, $backend:expr) => {{
        let plan: &Plan = $plan;
        match plan.mode.as_str() {
            "enqueue" => {
                let began = Instant::now();
                let mut producers = Vec::new();
                for _ in 0..plan.concurrency {
                    let mut backend = $backend;
                    let share = plan.jobs / plan.concurrency as u64;
                    producers.push(tokio::spawn(async move {
                        for _ in 0..share {
                            backend
                                .push(Noop { pushed: 0 })
                                .await
                                .map_err(|it| anyhow::anyhow!("{it}"))?;
                        }
                        anyhow::Ok(())
                    }));
                }
                for producer in producers {
                    producer.await??;
                }
                said(plan, plan.jobs, began.elapsed());
            }
            "drain" => {
                let mut backend = $backend;
                let mut left = plan.jobs;
                while left > 0 {
                    let some = left.min(1000);
                    let jobs = (0..some).map(|_| Noop { pushed: 0 }).collect();
                    backend
                        .push_bulk(jobs)
                        .await
                        .map_err(|it| anyhow::anyhow!("{it}"))?;
                    left -= some;
                }
                let began = Instant::now();
                let worker = WorkerBuilder::new("bench")
                    .backend($backend)
                    .concurrency(plan.concurrency)
                    .build(noop);
                tokio::select! {
                    ended = worker.run() => bail!("the worker ended: {ended:?}"),
                    done = until(plan.jobs, LONGEST) => done?,
                }
                said(plan, DONE.load(Ordering::Relaxed), began.elapsed());
            }
            "flow" => {
                let worker = WorkerBuilder::new("bench")
                    .backend($backend)
                    .concurrency(plan.concurrency)
                    .build(noop);
                let began = Instant::now();
                let mut producers = Vec::new();
                for _ in 0..plan.rate {
                    let mut backend = $backend;
                    let share = plan.jobs / plan.rate;
                    producers.push(tokio::spawn(async move {
                        for _ in 0..share {
                            backend
                                .push(Noop { pushed: 0 })
                                .await
                                .map_err(|it| anyhow::anyhow!("{it}"))?;
                        }
                        anyhow::Ok(())
                    }));
                }
                tokio::select! {
                    ended = worker.run() => bail!("the worker ended: {ended:?}"),
                    done = until(plan.jobs, LONGEST) => done?,
                }
                said(plan, DONE.load(Ordering::Relaxed), began.elapsed());
            }
            "latency" => {
                let worker = WorkerBuilder::new("bench")
                    .backend($backend)
                    .concurrency(plan.concurrency)
                    .build(noop);
                let mut backend = $backend;
                let push = async {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    let began = Instant::now();
                    let mut ticks =
                        tokio::time::interval(Duration::from_secs_f64(1.0 / plan.rate as f64));
                    for _ in 0..plan.jobs {
                        ticks.tick().await;
                        backend
                            .push(Noop { pushed: now() })
                            .await
                            .map_err(|it| anyhow::anyhow!("{it}"))?;
                    }
                    until(plan.jobs, Duration::MAX).await?;
                    anyhow::Ok(began.elapsed())
                };
                let took = tokio::select! {
                    ended = worker.run() => bail!("the worker ended: {ended:?}"),
                    took = push => took?,
                };
                said(plan, plan.jobs, took);
            }
            other => bail!("no mode `{other}`: it is one of enqueue, drain, flow, latency"),
        }
        Ok(())
    }};
}

async fn postgres(plan: &Plan) -> Result<()> {
    use apalis_postgres::{Config, PgPool, PostgresStorage};
    let pool = PgPool::connect(&plan.url).await?;
    PostgresStorage::setup(&pool).await?;
    let config = || Config::default().queue("bench").batch_size(100);
    drive!(
        plan,
        PostgresStorage::<Noop>::new(&pool).with_config(config())
    )
}

async fn sqlite(plan: &Plan) -> Result<()> {
    use apalis_sqlite::{Config, SqlitePool, SqliteStorage};
    let pool = SqlitePool::connect(&plan.url).await?;
    SqliteStorage::setup(&pool).await?;
    let config = || Config::default().queue("bench").batch_size(100);
    drive!(
        plan,
        SqliteStorage::<Noop>::new(&pool).with_config(config())
    )
}

async fn redis(plan: &Plan) -> Result<()> {
    use apalis_redis::{Config, RedisStorage};
    let connection = apalis_redis::connect(plan.url.as_str()).await?;
    let config = || Config::default().queue("bench").batch_size(100);
    drive!(
        plan,
        RedisStorage::<Noop>::new(connection.clone()).with_config(config())
    )
}

/// Waits until this many jobs are done, or so much time has passed; gives up when none is for a minute.
async fn until(jobs: u64, limit: Duration) -> Result<()> {
    let began = Instant::now();
    let mut last = (0, began);
    loop {
        let done = DONE.load(Ordering::Relaxed);
        if done >= jobs || began.elapsed() > limit {
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

fn said(plan: &Plan, jobs: u64, took: Duration) {
    let mut waits = WAITS.lock().unwrap().clone();
    waits.sort_unstable();
    let at = |share: f64| {
        let index = (waits.len() as f64 * share) as usize;
        waits
            .get(index.min(waits.len().saturating_sub(1)))
            .map(|it| *it as f64 / 1000.0)
    };
    let line = serde_json::json!({
        "mode": plan.mode,
        "jobs": jobs,
        "seconds": took.as_secs_f64(),
        "rate": jobs as f64 / took.as_secs_f64(),
        "p50_ms": at(0.50),
        "p99_ms": at(0.99),
    });
    println!("{line}");
}
