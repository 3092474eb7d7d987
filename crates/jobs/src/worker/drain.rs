//! Running what is due, one job after the other.

use std::{sync::Arc, time::Instant};

use tokio_util::sync::CancellationToken;

use super::{attempt::attempt, hold::Hold, setup::Setup};
use crate::{
    Handlers, JobId, JobsConfig, Middleware, Result,
    store::{Claim, Share, Store},
};

/// Runs what is due in the calling task, one job after the other, and nothing in the background: for tests, and for
/// programs that run once.
///
/// ```
/// use std::sync::Arc;
/// use atlas_jobs::{Drain, Handler, Handlers, Job, Jobs, JobsConfig, MemoryStore, Run};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)] struct Greet;
/// # impl Job for Greet { const KIND: &'static str = "greet"; }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> atlas_jobs::Result<()> {
/// let config = JobsConfig::for_tests();
/// let jobs = Jobs::new(Arc::new(MemoryStore::new()), Vec::new(), &config);
/// let handler = Handler::of(|_: Run<Greet>| async {});
/// let handlers = Handlers::new(vec![handler]).expect("one handler");
///
/// jobs.enqueue(Greet).await?;
/// let drain = Drain::new(Arc::clone(jobs.store()), handlers, Vec::new(), &config);
/// assert_eq!(drain.run().await?.ran.len(), 1);
/// # Ok(()) }
/// ```
pub struct Drain(Setup);

impl std::fmt::Debug for Drain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let store = self.0.store.name();
        f.debug_struct("Drain")
            .field("store", &store)
            .finish_non_exhaustive()
    }
}

/// What a drain has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// The jobs that were run, in their order; one that was run twice is there twice.
    pub ran: Vec<JobId>,
}

impl Drain {
    /// Runs jobs of this store.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        handlers: Handlers,
        middleware: Vec<Arc<dyn Middleware>>,
        config: &JobsConfig,
    ) -> Self {
        Self(Setup::new(store, handlers, middleware, config))
    }

    /// Where the jobs are.
    pub(super) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    /// Runs what is due, in every queue, until nothing is.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn run(&self) -> Result<Drained> {
        let mut drained = Drained::default();
        while let Some(id) = self.run_one().await? {
            drained.ran.push(id);
        }
        Ok(drained)
    }

    /// Runs the job that is next, if one is due.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn run_one(&self) -> Result<Option<JobId>> {
        let setup = &self.0;
        let queues = setup.store.stats(false).await?.queues.into_keys();
        let asked = Instant::now();
        let claim = Claim {
            worker: setup.name.clone(),
            kinds: setup.handlers.kinds(),
            queues: queues.map(|queue| Share { queue, jobs: 1 }).collect(),
            total: 1,
            lease: *setup.config.lease,
        };
        let Some(record) = setup.store.claim(&claim).await?.jobs.into_iter().next() else {
            return Ok(None);
        };
        let record = Arc::new(record);
        let hold = Hold::new(&record, asked, claim.lease);
        let end = attempt(setup, &record, &hold, &CancellationToken::new()).await;
        if let Some(end) = end {
            setup.store.finish(&[end]).await?;
        }
        Ok(Some(record.id))
    }
}
