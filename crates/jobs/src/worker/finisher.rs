//! Telling the store what came of runs, many in one call.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    hold::{Hold, Holds},
    setup::Setup,
};
use crate::{
    metrics::Series,
    store::{Finish, Verdict},
};

/// The most ends in one call.
const MOST: usize = 200;
/// How long after a failure the store is asked again, at first and at last.
const WAITS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

type End = (Finish, Arc<Hold>, Arc<Series>);

/// Takes ends of runs.
#[derive(Clone)]
pub(super) struct Finisher(UnboundedSender<End>);

impl Finisher {
    /// It, and what does the work: a future that ends when nobody can say anything more and all is told.
    pub(super) fn new(setup: Arc<Setup>, holds: Arc<Holds>) -> (Self, impl Future<Output = ()>) {
        let (sender, receiver) = unbounded_channel();
        (Self(sender), work(setup, holds, receiver))
    }

    /// Records an end as soon as the store can.
    pub(super) fn record(&self, finish: Finish, hold: Arc<Hold>, series: Arc<Series>) {
        // the other side ends only after the last sender
        self.0.send((finish, hold, series)).ok();
    }
}

/// While one call is under way, the ends of other runs collect for the next.
async fn work(setup: Arc<Setup>, holds: Arc<Holds>, mut ends: UnboundedReceiver<End>) {
    let mut pending: VecDeque<End> = VecDeque::new();
    let (mut wait, mut most, mut silent) = (WAITS.0, MOST, false);
    loop {
        if pending.is_empty() {
            match ends.recv().await {
                Some(end) => pending.push_back(end),
                None => return,
            }
        }
        while let Ok(end) = ends.try_recv() {
            pending.push_back(end);
        }
        let batch: Vec<Finish> = pending.iter().take(most).map(|it| it.0.clone()).collect();
        match setup.store.finish(&batch).await {
            Ok(verdicts) => {
                for ((finish, _, series), verdict) in pending.drain(..batch.len()).zip(verdicts) {
                    holds.remove(finish.lease);
                    if verdict == Verdict::Applied {
                        series.finished(&finish);
                    } else {
                        setup.metrics.stale(1);
                        tracing::warn!(target: "atlas::jobs", { "job.id" = %finish.lease.job }, "a late completion was refused: the job belongs to somebody else");
                    }
                }
                (wait, most, silent) = (WAITS.0, MOST, false);
            }
            Err(error) => {
                if !silent {
                    tracing::warn!(target: "atlas::jobs", error = &error as &dyn std::error::Error, "the store did not take what came of jobs: it is told again until their leases are over");
                    silent = true;
                }
                if !error.is_transient() {
                    // one that it never takes must not stand in the way of the others
                    most = 1;
                    pending.rotate_left(1);
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(WAITS.1);
                pending.retain(|(finish, hold, _)| {
                    let lost = hold.is_lost();
                    if lost {
                        setup.metrics.stale(1);
                        holds.remove(finish.lease);
                    }
                    !lost
                });
            }
        }
    }
}
