//! What happens around enqueueing and running.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::{JobRecord, Outcome, Result, store::NewJob};

/// What happens around enqueueing and running of every job: features contribute it as `Arc<dyn Middleware>`. The first
/// one that is registered is the outermost.
///
/// A hook that panics fails what it stands around, and nothing else.
///
/// ```
/// use std::sync::Arc;
/// use atlas_core::Module;
/// use atlas_jobs::{JobRecord, Middleware, Next, Outcome, Error, store::NewJob};
///
/// /// Keeps mail in on public holidays.
/// struct Holidays;
///
/// #[atlas_jobs::async_trait]
/// impl Middleware for Holidays {
///     async fn enqueue(&self, job: &mut NewJob) -> atlas_jobs::Result<()> {
///         match job.queue == "marketing" {
///             true => Err(Error::Vetoed("no advertising today".into())),
///             false => Ok(()),
///         }
///     }
///
///     async fn run(&self, record: &JobRecord, next: Next<'_>) -> Outcome {
///         match record.queue == "mail" {
///             true => Outcome::Snooze(std::time::Duration::from_secs(86_400)),
///             false => next.run().await,
///         }
///     }
/// }
///
/// Module::new("holidays").contribute(|| -> Arc<dyn Middleware> { Arc::new(Holidays) });
/// ```
#[async_trait::async_trait]
pub trait Middleware: Send + Sync + 'static {
    /// Called with each job before it is enqueued: may change it, or refuse it with
    /// [`Vetoed`](crate::Error::Vetoed).
    ///
    /// # Errors
    ///
    /// What the caller gets instead of a job.
    async fn enqueue(&self, job: &mut NewJob) -> Result<()> {
        let _ = job;
        Ok(())
    }

    /// Called around each run: may do something before and after it, change what comes of it, or not run it at all.
    async fn run(&self, record: &JobRecord, next: Next<'_>) -> Outcome {
        let _ = record;
        next.run().await
    }
}

/// What a middleware stands around: those after it, and the handler.
pub struct Next<'a> {
    rest: &'a [Arc<dyn Middleware>],
    record: &'a JobRecord,
    handler: Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>,
}

impl<'a> Next<'a> {
    /// All of these around a handler.
    pub(crate) fn new(
        rest: &'a [Arc<dyn Middleware>],
        record: &'a JobRecord,
        handler: Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>,
    ) -> Self {
        Self {
            rest,
            record,
            handler,
        }
    }

    /// Goes on.
    pub async fn run(self) -> Outcome {
        match self.rest.split_first() {
            Some((first, rest)) => {
                let next = Next { rest, ..self };
                first.run(next.record, next).await
            }
            None => self.handler.await,
        }
    }
}
