//! Running jobs where they are enqueued.

use std::sync::{Arc, OnceLock, Weak};

use atlas_core::Component;

use super::Drain;
use crate::{Error, JobId, Result, State, store::Enqueued};

/// How deep jobs may enqueue jobs: each is run within the one that enqueued it.
const DEEPEST: usize = 16;

tokio::task_local! {
    static DEPTH: usize;
}

/// Runs jobs in the task that enqueues them, before that call returns, and fails it when they fail: for tests. A component;
/// clones are the same.
///
/// Only what is due runs. A job that is delayed, snoozed or to be retried waits, as does one that has no handler, or whose
/// queue is paused. Inside of a transaction a job runs before the commit, and what it writes is part of the transaction; so
/// the store is one that is not part of transactions, such as that in memory.
///
/// ```
/// use std::sync::Arc;
/// use atlas_jobs::{Drain, Handler, Handlers, Inline, Job, Jobs, JobsConfig, MemoryStore, Run};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)] struct Greet { name: String }
/// # impl Job for Greet { const KIND: &'static str = "greet"; }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> atlas_jobs::Result<()> {
/// let (config, inline) = (JobsConfig::for_tests(), Inline::new());
/// let jobs = Jobs::new(Arc::new(MemoryStore::new()), Vec::new(), &config).inline(inline.clone());
/// let handler = Handler::of(|job: Run<Greet>| async move {
///     match job.name.is_empty() {
///         true => Err("there is nobody to greet"),
///         false => Ok(()),
///     }
/// });
/// let handlers = Handlers::new(vec![handler]).expect("one handler");
/// let drain = Arc::new(Drain::new(Arc::clone(jobs.store()), handlers, Vec::new(), &config));
/// inline.by(&drain);
///
/// jobs.enqueue(Greet { name: "Anna".to_owned() }).await?;
/// let failed = jobs.enqueue(Greet { name: String::new() }).await.unwrap_err();
/// assert!(failed.to_string().ends_with("there is nobody to greet"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Inline(Arc<OnceLock<Weak<Drain>>>);

impl Component for Inline {}

impl Inline {
    /// Jobs wait until it is said [who](Self::by) runs them.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Jobs are run by this from now on, as long as somebody keeps it. The first one counts.
    pub fn by(&self, drain: &Arc<Drain>) {
        let _ = self.0.set(Arc::downgrade(drain));
    }

    /// Runs these jobs, and fails with the first one that does.
    pub(crate) async fn run(&self, enqueued: &[Enqueued]) -> Result<()> {
        let Some(drain) = self.0.get().and_then(Weak::upgrade) else {
            return Ok(());
        };
        let depth = DEPTH.try_with(|it| *it).unwrap_or_default();
        if depth >= DEEPEST {
            return Err(Error::Invalid(format!(
                "a job that runs where it is enqueued was enqueued by {DEEPEST} others that do: let them wait, and drain them"
            )));
        }
        for answer in enqueued {
            DEPTH.scope(depth + 1, run_one(&drain, answer.id())).await?;
        }
        Ok(())
    }
}

/// Runs a job if it is due, after those that come before it.
async fn run_one(drain: &Drain, id: JobId) -> Result<()> {
    let store = drain.store();
    while let Some(job) = store.find(id).await? {
        if job.state != State::Available {
            return Ok(());
        }
        match drain.run_one().await? {
            None => return Ok(()),
            Some(ran) if ran != id => {}
            Some(_) => {
                let failures = store.failures(id).await?;
                let failed = failures.into_iter().next_back();
                return failed.map_or(Ok(()), |failure| {
                    let message = failure.message;
                    Err(Error::Failed { id, message })
                });
            }
        }
    }
    Ok(())
}
