//! What workers do for all: taking back the jobs of dead ones, and forgetting old jobs.

use std::{sync::Arc, time::Duration};

use super::setup::Setup;
use crate::{State, handler::split};

/// The most jobs of one call.
const BATCH: usize = 500;
/// How often jobs are counted.
const COUNT: Duration = Duration::from_secs(5);
/// How often old jobs are looked for.
const PRUNE: Duration = Duration::from_secs(60);

/// Takes jobs back whose lease has run out, at least once a heartbeat; never ends.
pub(super) async fn rescue(setup: Arc<Setup>) {
    loop {
        // workers that started together do not ask together
        let share = 0.5 + fastrand::f64() / 2.0;
        tokio::time::sleep(setup.config.heartbeat.mul_f64(share)).await;
        let rescued = setup.store.rescue(setup.config.crash_limit, BATCH).await;
        for job in rescued.unwrap_or_default() {
            setup.metrics.crashed(&job);
            tracing::warn!(
                target: "atlas::jobs",
                {
                    "job.id" = %job.id,
                    "job.kind" = split(&job.kind).0,
                    crashes = job.crashes,
                    dead = job.dead,
                },
                "the worker of a job is gone: the job was taken back"
            );
        }
    }
}

/// Counts the jobs of the store for whoever looks at the metrics; never ends.
pub(super) async fn count(setup: Arc<Setup>) {
    loop {
        if let Ok(stats) = setup.store.stats(false).await {
            setup.metrics.counted(&stats);
        }
        tokio::time::sleep(COUNT.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
    }
}

/// Drops terminal jobs that were kept long enough; never ends.
pub(super) async fn prune(setup: Arc<Setup>) {
    let config = &setup.config;
    loop {
        tokio::time::sleep(PRUNE.mul_f64(0.5 + fastrand::f64())).await;
        for (state, age) in [
            (State::Completed, *config.keep_completed),
            (State::Cancelled, *config.keep_cancelled),
            (State::Dead, *config.keep_dead),
        ] {
            // small steps, so that those who claim are not kept waiting
            while setup.store.prune(state, age, BATCH).await.unwrap_or(0) == BATCH as u64 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}
