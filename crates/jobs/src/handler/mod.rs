//! What runs a job: a plain async function.
//!
//! Its first argument is the [`Run`] of a job; all others are components, which it gets a clone of each time. A feature
//! contributes it:
//!
//! ```
//! use atlas_core::{Component, Module};
//! use atlas_jobs::{Job, Run, handler};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct SendReceipt {
//!     order_id: u64,
//! }
//!
//! impl Job for SendReceipt {
//!     const KIND: &'static str = "send_receipt";
//! }
//!
//! #[derive(Clone)]
//! struct Mailer;
//! impl Component for Mailer {}
//! # impl Mailer { async fn send(&self, _: u64) -> Result<(), std::io::Error> { Ok(()) } }
//!
//! /// Sends the receipt of an order.
//! async fn send_receipt(job: Run<SendReceipt>, mailer: Mailer) -> Result<(), std::io::Error> {
//!     mailer.send(job.order_id).await
//! }
//!
//! fn orders() -> Module {
//!     Module::new("orders").contribute(handler(send_receipt))
//! }
//! # orders();
//! ```

mod decode;
mod function;
mod handlers;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use atlas_core::{BoxError, Component};

pub(crate) use self::decode::{split, stored};
pub use self::{
    function::{Arguments, Function, Handling, handler},
    handlers::Handlers,
};
use crate::{IntoOutcome, Job, JobRecord, Options, Outcome, Run, run::Context};

/// The future of one run.
pub(crate) type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

type Prepare = dyn Fn(&JobRecord) -> Result<Prepared, BoxError> + Send + Sync;

/// What runs the jobs of one kind: a component that features contribute. [`handler`] makes it of a function.
#[derive(Clone)]
pub struct Handler {
    kind: &'static str,
    version: u16,
    function: &'static str,
    prepare: Arc<Prepare>,
    reads: fn(&str, &[u8]) -> Result<(), BoxError>,
}

/// A job that could be read, and is ready to run.
pub(crate) struct Prepared {
    /// What the job says of itself.
    pub(crate) options: Options,
    /// Runs it.
    pub(crate) run: Box<dyn FnOnce(Context) -> Running + Send>,
}

impl Component for Handler {}

impl Handler {
    /// Runs jobs of the kind `J` with a closure. [`handler`] does it with a function and its components.
    pub fn of<J, F, Fut>(run: F) -> Self
    where
        J: Job,
        F: Fn(Run<J>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoOutcome> + Send + 'static,
    {
        Self::named(std::any::type_name::<F>(), run)
    }

    fn named<J, F, Fut>(function: &'static str, run: F) -> Self
    where
        J: Job,
        F: Fn(Run<J>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoOutcome> + Send + 'static,
    {
        let run = Arc::new(run);
        let prepare = move |record: &JobRecord| {
            let job: J = decode::decode(&record.kind, &record.payload)?;
            let (options, run) = (job.options(), Arc::clone(&run));
            let run = move |context| -> Running {
                let future = run(Run::new(job, context));
                Box::pin(async move { future.await.into_outcome() })
            };
            Ok(Prepared {
                options,
                run: Box::new(run),
            })
        };
        Self {
            kind: J::KIND,
            version: J::VERSION,
            function,
            prepare: Arc::new(prepare),
            reads: |kind, payload| decode::decode::<J>(kind, payload).map(drop),
        }
    }

    /// The kind of its jobs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The version of the payloads that it is written for. It takes older ones too.
    #[must_use]
    pub fn version(&self) -> u16 {
        self.version
    }

    /// The full name of its function, for messages.
    #[must_use]
    pub fn function(&self) -> &'static str {
        self.function
    }

    /// Says whether a payload of what a store calls this kind can be read. The error is why it cannot.
    pub(crate) fn reads(&self, stored: &str, payload: &[u8]) -> Result<(), BoxError> {
        (self.reads)(stored, payload)
    }

    /// Reads a job. The error is why it cannot be read.
    pub(crate) fn prepare(&self, record: &JobRecord) -> Result<Prepared, BoxError> {
        (self.prepare)(record)
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler")
            .field("kind", &self.kind)
            .field("version", &self.version)
            .field("function", &self.function)
            .finish_non_exhaustive()
    }
}
