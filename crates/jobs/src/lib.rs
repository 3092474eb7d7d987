//! Background jobs of Atlas services: work that is accepted now, done later, and survives whatever happens in between.
//!
//! A [`Job`] is a serialisable struct with a [`KIND`](Job::KIND). [`Jobs`] enqueues it, inside the caller's database
//! transaction where the store is that database. A worker claims it under a lease, runs its handler, a plain async
//! function, and records what came of it.
//!
//! Where jobs are kept is a [`Store`](store::Store), chosen by the section `jobs` of the configuration; what each store
//! promises is the same, and proven by one suite.
//!
//! | feature | default | what it brings |
//! | --- | --- | --- |
//! | `db` | no | jobs in SQLite, PostgreSQL, MySQL and MariaDB |
//! | `redis` | no | jobs in Redis, one server or a cluster |
//! | `conformance` | no | the public suite that proves a store |

mod backoff;
mod catch;
mod client;
pub mod clock;
mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
mod diagnostics;
mod error;
mod gather;
mod handler;
mod id;
mod job;
mod memory;
mod metrics;
mod middleware;
mod module;
mod name;
mod options;
#[cfg(feature = "db")]
pub mod outbox;
mod outcome;
mod record;
#[cfg(feature = "redis")]
mod redis;
mod run;
mod schedule;
mod span;
#[cfg(feature = "db")]
pub mod sql;
mod state;
pub mod store;
mod worker;

pub use async_trait::async_trait;

#[cfg(feature = "redis")]
pub use self::redis::RedisStore;
pub use self::{
    backoff::Backoff,
    client::{Enqueue, Jobs},
    config::{JobsConfig, Readiness, StoreKind},
    error::{Error, Result},
    handler::{Arguments, Function, Handler, Handlers, Handling, handler},
    id::JobId,
    job::Job,
    memory::MemoryStore,
    metrics::JobMetrics,
    middleware::{Middleware, Next},
    module::{PROCESS, module},
    options::{DEFAULT_QUEUE, Limit, OnConflict, Options, Priority, Unique, Until},
    outcome::{IntoOutcome, Outcome},
    record::{Failure, FailureKind, JobRecord},
    run::Run,
    schedule::{Cron, Plan, Schedule, Scheduler, Schedules},
    state::{Reason, State},
    worker::{Drain, Drained, Inline, Worker},
};

#[cfg(doctest)]
mod pages {
    //! The examples of the documentation are tests.
    #[cfg(feature = "conformance")]
    #[doc = include_str!("../../../docs/jobs.md")]
    mod jobs {}
    #[doc = include_str!("../../../docs/errors/A401.md")]
    mod a401 {}
    #[doc = include_str!("../../../docs/errors/A402.md")]
    mod a402 {}
    #[doc = include_str!("../../../docs/errors/A411.md")]
    mod a411 {}
    #[doc = include_str!("../../../docs/errors/A412.md")]
    mod a412 {}
    #[doc = include_str!("../../../docs/errors/A413.md")]
    mod a413 {}
    #[doc = include_str!("../../../docs/errors/A420.md")]
    mod a420 {}
    #[doc = include_str!("../../../docs/errors/A421.md")]
    mod a421 {}
    #[doc = include_str!("../../../docs/schedules.md")]
    mod schedules {}
}

/// A moment, of the store's clock, in milliseconds.
pub type Time = chrono::DateTime<chrono::Utc>;
