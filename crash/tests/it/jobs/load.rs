//! Somebody who enqueues all the time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use atlas_jobs::{Job, JobId, store::Store};
use crash::jobs::client;
use tokio::{task::JoinHandle, time::sleep};

/// Enqueues a job each 40 ms, and the same one again, under its id, until it is acknowledged.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    task: JoinHandle<(usize, usize)>,
}

impl Load {
    pub(super) fn start<J: Job + Clone>(store: Arc<dyn Store>, job: J) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn({
            let (stop, jobs) = (Arc::clone(&stop), client(store));
            async move {
                let (mut acknowledged, mut repeated) = (0, 0);
                while !stop.load(Ordering::Relaxed) {
                    let id = JobId::generate();
                    while let Err(error) = jobs.enqueue(job.clone()).id(id).await {
                        assert!(error.is_transient(), "{error:?}");
                        repeated += 1;
                        sleep(Duration::from_millis(100)).await;
                    }
                    acknowledged += 1;
                    sleep(Duration::from_millis(40)).await;
                }
                (acknowledged, repeated)
            }
        });
        Self { stop, task }
    }

    /// Ends it when its last job is acknowledged. Returns how many were, and how many calls failed.
    pub(super) async fn end(self) -> (usize, usize) {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap()
    }
}
