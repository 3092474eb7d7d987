//! The program of a worker process.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Result;
use atlas_jobs::{Handlers, JobId, JobsConfig, Plan, Schedule, Scheduler, Worker, store::Misfire};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{
    place::{open, store},
    work::{Work, client, handler},
};
use crate::{Failing, Ledger};

/// The variable that asks for a runtime of one thread.
pub const ONE_THREAD: &str = "CRASH_ONE_THREAD";

/// The schedule that has a tick each second.
pub const TICKS: &str = "ticks";

/// What the workers of all cases are configured with: heartbeats each second, leases of three.
#[must_use]
pub(crate) fn config() -> JobsConfig {
    let seconds = |it| Duration::from_secs(it).into();
    JobsConfig {
        concurrency: 4,
        heartbeat: seconds(1),
        lease: seconds(3),
        shutdown_grace: seconds(2),
        cancel_grace: seconds(1),
        ..JobsConfig::for_tests()
    }
}

/// Works on the jobs of a case until SIGTERM.
///
/// # Errors
///
/// When it cannot begin.
pub async fn work(url: &str, effects: &str, folder: &Path, crash_limit: u32) -> Result<()> {
    let db = open(effects)?;
    let handlers = Handlers::new(vec![handler(db.clone(), folder)?])?;
    let store = Arc::new(Failing(store(url, &db)?));
    let config = JobsConfig {
        crash_limit,
        ..config()
    };
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async {
        terminate.recv().await;
    };
    Worker::new(store, handlers, Vec::new(), &config)
        .run(stop)
        .await?;
    db.close().await;
    Ok(())
}

/// Fires the schedules of a case, of which one has a tick each second, until the process dies.
///
/// # Errors
///
/// When it cannot begin.
pub async fn schedule(url: &str, effects: &str, folder: &Path) -> Result<()> {
    let db = open(effects)?;
    let handlers = Handlers::new(vec![handler(db.clone(), folder)?])?;
    // a tick that all schedulers were dead for is made up for
    let every_second = Schedule::cron(TICKS, "* * * * * *", Work::default).misfire(Misfire::All);
    let plan = Plan::new(vec![every_second], handlers)
        .map_err(|problem| anyhow::anyhow!("the schedule: {problem:?}"))?;
    let store = Arc::new(Failing(store(url, &db)?));
    Scheduler::new(client(store), plan)
        .run(CancellationToken::new())
        .await;
    Ok(())
}

/// Enqueues so many jobs, each to run that much later. The ledger says `enqueue` before each, and `enqueued` after it.
///
/// # Errors
///
/// When the store refuses.
pub async fn enqueue_later(
    url: &str,
    effects: &str,
    folder: &Path,
    jobs: u32,
    wait: Duration,
) -> Result<()> {
    let client = client(store(url, &open(effects)?)?);
    let ledger = Ledger::open(folder)?;
    for _ in 0..jobs {
        let id = JobId::generate();
        let write = |what: &str| ledger.write(what, &id.to_string(), 0, 0, "");
        write("enqueue");
        client.enqueue(Work::default()).id(id).after(wait).await?;
        write("enqueued");
    }
    Ok(())
}
