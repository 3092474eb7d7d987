//! One run of a job, as its handler sees it.

use std::{
    fmt,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    Error, JobId, JobRecord, Result,
    store::{End, Finish, Lease, Store, Verdict},
};

/// One run of a job: the job itself, to which it derefs, and what there is to know and to say about the run.
pub struct Run<J> {
    job: J,
    context: Context,
}

/// What a worker gives a run.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) record: Arc<JobRecord>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) token: CancellationToken,
    pub(crate) deadline: Option<Instant>,
    /// Set once [`Run::complete`] is recorded and committed: there is nothing left to record then.
    pub(crate) completed: Arc<AtomicBool>,
}

impl<J> Run<J> {
    pub(crate) fn new(job: J, context: Context) -> Self {
        Self { job, context }
    }

    /// The job, without the run.
    pub fn into_inner(self) -> J {
        self.job
    }

    /// The job as the store had it when it was claimed.
    pub fn record(&self) -> &JobRecord {
        &self.context.record
    }

    /// The job's name: the same in each attempt, so it can keep effects outside of the database from happening twice.
    pub fn id(&self) -> JobId {
        self.context.record.id
    }

    /// Which attempt this is, from 1. One that a crash cut short is not counted.
    pub fn attempt(&self) -> u32 {
        self.context.record.attempt
    }

    /// How many attempts there are.
    pub fn max_attempts(&self) -> u32 {
        self.context.record.max_attempts
    }

    /// Says whether a failure now is the last one.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt() >= self.max_attempts()
    }

    /// How long the attempt may still take; `None` if it may take as long as it takes.
    pub fn remaining(&self) -> Option<Duration> {
        let deadline = self.context.deadline?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    /// Fires when the handler should end: the attempt takes too long, somebody called the job off, the worker stops, or the
    /// lease is lost. A handler that goes on is ended after `jobs.cancel_grace`.
    pub fn cancelled(&self) -> &CancellationToken {
        &self.context.token
    }

    /// Records how far it is, for whoever asks for the job: any value that is small as JSON.
    ///
    /// # Errors
    ///
    /// [`LeaseLost`](Error::LeaseLost) when the job belongs to somebody else by now; those of the store.
    pub async fn progress(&self, progress: impl Serialize) -> Result<()> {
        let record = &self.context.record;
        let json = serde_json::to_string(&progress).map_err(|source| Error::Unserialisable {
            kind: record.kind.clone(),
            source,
        })?;
        let verdict = self.context.store.progress(self.lease(), &json).await?;
        self.held(verdict)
    }

    /// Records now that the job is done. Inside of a transaction of the database that holds the jobs, that and what the
    /// handler writes are one: both are there, or neither, so that the effect happens exactly once.
    ///
    /// What the handler returns afterwards counts only if that transaction is rolled back.
    ///
    /// # Errors
    ///
    /// [`LeaseLost`](Error::LeaseLost) when the job belongs to somebody else by now: fail with it, so that the transaction
    /// is rolled back. Those of the store.
    pub async fn complete(&self) -> Result<()> {
        let finish = Finish {
            lease: self.lease(),
            end: End::Done,
            failure: None,
        };
        let store = &self.context.store;
        let verdicts = store.finish(&[finish]).await?;
        self.held(verdicts.first().copied().unwrap_or(Verdict::Stale))?;
        let completed = Arc::clone(&self.context.completed);
        let committed = Box::new(move || completed.store(true, Ordering::Release));
        store.after_commit(committed).await;
        Ok(())
    }

    fn lease(&self) -> Lease {
        let record = &self.context.record;
        Lease {
            job: record.id,
            fence: record.fence,
        }
    }

    fn held(&self, verdict: Verdict) -> Result<()> {
        match verdict {
            Verdict::Applied => Ok(()),
            Verdict::Stale => Err(Error::LeaseLost(self.id())),
        }
    }
}

impl<J> Deref for Run<J> {
    type Target = J;

    fn deref(&self) -> &J {
        &self.job
    }
}

impl<J: fmt::Debug> fmt::Debug for Run<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("job", &self.job)
            .field("id", &self.id())
            .field("attempt", &self.attempt())
            .finish_non_exhaustive()
    }
}
