//! Schedules fire when they should, once, whoever fires them.

mod change;
mod cron;
mod deploy;
mod faults;
mod missed;
mod plan;
mod race;
mod sql;

use std::{future::Future, sync::Arc, time::Duration};

use atlas_jobs::{
    Handler, Handlers, Job, Jobs, JobsConfig, MemoryStore, Plan, Run, Schedule, Scheduler,
    Schedules,
    clock::TestClock,
    store::{By, Filter, Page, Store},
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) struct Nightly;

impl Job for Nightly {
    const KIND: &'static str = "nightly";
}

/// A schedule of the code.
pub(crate) fn nightly(cron: &str) -> Schedule {
    Schedule::cron("nightly", cron, || Nightly)
}

/// A schedule that somebody adds.
pub(crate) fn report(cron: &str) -> Schedule {
    Schedule::of_kind("report", cron, "nightly", &serde_json::Value::Null)
}

pub(crate) fn by() -> By {
    By::new("anna")
}

pub(crate) fn handlers() -> Handlers {
    Handlers::new(vec![Handler::of(|_: Run<Nightly>| async {})]).unwrap()
}

/// What a process has of schedules.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) scheduler: Scheduler,
    pub(crate) schedules: Schedules,
}

impl Process {
    pub(crate) fn new(store: Arc<dyn Store>, declared: Vec<Schedule>) -> Self {
        let jobs = Jobs::new(Arc::clone(&store), Vec::new(), &JobsConfig::for_tests());
        let plan = Plan::new(declared, handlers()).unwrap();
        Self {
            store,
            scheduler: Scheduler::new(jobs.clone(), plan.clone()),
            schedules: Schedules::new(jobs, plan, handlers()),
        }
    }

    /// One on a store in memory, its schedules declared.
    pub(crate) async fn in_memory(declared: Vec<Schedule>) -> (TestClock, Self) {
        let clock = TestClock::new();
        let store = MemoryStore::with_clock(clock.clone());
        let process = Self::new(Arc::new(store), declared);
        process.scheduler.declare().await.unwrap();
        (clock, process)
    }

    /// How many jobs there are.
    pub(crate) async fn count(&self) -> usize {
        let page = Page {
            after: None,
            limit: 10_000,
        };
        let all = self.store.list(&Filter::default(), page).await;
        all.unwrap().len()
    }

    /// Lets time pass, and fires what is due.
    pub(crate) async fn pass(&self, clock: &TestClock, seconds: u64) {
        clock.advance(Duration::from_secs(seconds));
        self.scheduler.fire_due().await.unwrap();
    }
}

/// Waits until something is so.
pub(crate) async fn until<F: Future<Output = bool>>(mut so: impl FnMut() -> F) {
    let wait = async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let limit = Duration::from_secs(60);
    tokio::time::timeout(limit, wait)
        .await
        .expect("it is so within a minute");
}
