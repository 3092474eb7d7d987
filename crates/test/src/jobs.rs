//! The background jobs of an app under test.

use std::{any::type_name, fmt::Write as _, panic::Location, sync::Arc, time::Duration};

use atlas::core::App;
use atlas::jobs::{
    Drain, Handlers, Inline, Job, JobId, JobRecord, Jobs, JobsConfig, Middleware, Scheduler, State,
    clock::{Clock, TestClock},
    store::{By, Filter, Page, Store},
};

use crate::TestApp;

/// More jobs than this no test looks at.
const MOST: usize = 10_000;

/// The background jobs of an app under test, from [`TestApp::jobs`].
///
/// No worker runs: what the app enqueues waits until the test looks at it, or runs at once with
/// [`Builder::inline_jobs`](crate::Builder::inline_jobs). Jobs lie in the database of the test, if the app keeps them there, so
/// that they are part of its transactions.
#[derive(Clone)]
pub struct TestJobs {
    store: Arc<dyn Store>,
    clock: TestClock,
    drain: Arc<Drain>,
    scheduler: Scheduler,
}

impl TestApp {
    /// The background jobs of the app.
    ///
    /// # Panics
    /// When the app has none.
    #[track_caller]
    pub fn jobs(&self) -> TestJobs {
        let jobs = self.jobs.clone();
        jobs.expect("the app has `atlas::jobs::module()`")
    }
}

impl TestJobs {
    /// Where they are kept, for what has no shorter way.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The jobs of this type that wait, those that were enqueued first at the beginning.
    ///
    /// # Panics
    /// When the store cannot be asked, or the payload of one is not what the type takes.
    pub async fn enqueued<J: Job>(&self) -> Vec<J> {
        let waiting = self.waiting(J::KIND).await;
        let read = |job: &JobRecord| serde_json::from_slice(&job.payload);
        let jobs: Result<Vec<J>, _> = waiting.iter().map(read).collect();
        jobs.expect("the payload is what the job's type takes")
    }

    /// Checks that a job of this type waits for which `is` holds, and returns it.
    ///
    /// ```no_run
    /// # use atlas::jobs::Job;
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct SendReceipt { to: String }
    /// # impl Job for SendReceipt { const KIND: &'static str = "send_receipt"; }
    /// # async fn test(shop: &atlas_test::TestApp) {
    /// shop.jobs().assert_enqueued::<SendReceipt>(|job| job.to == "anna@example.org").await;
    /// # }
    /// ```
    ///
    /// # Panics
    /// When there is none, with all that wait.
    #[track_caller]
    pub fn assert_enqueued<J: Job>(&self, is: impl Fn(&J) -> bool) -> impl Future<Output = J> {
        let place = Location::caller();
        async move {
            let mut all = self.enqueued::<J>().await;
            match all.iter().position(is) {
                Some(at) => all.swap_remove(at),
                None => self.differ::<J>("no such job waits", place).await,
            }
        }
    }

    /// Checks that no job of this type waits.
    ///
    /// # Panics
    /// When one does, with all that wait.
    #[track_caller]
    pub fn assert_none_enqueued<J: Job>(&self) -> impl Future<Output = ()> {
        let place = Location::caller();
        async move {
            if !self.waiting(J::KIND).await.is_empty() {
                self.differ::<J>("a job waits that should not", place).await;
            }
        }
    }

    /// A job as the store keeps it, whatever became of it.
    ///
    /// # Panics
    /// When there is none, or the store cannot be asked.
    pub async fn record(&self, id: JobId) -> JobRecord {
        let found = self.store.find(id).await.expect("the store answers");
        found.expect("there is such a job")
    }

    /// All jobs of this type in one of these states (in any, if there are none), those that were enqueued first at the
    /// beginning.
    ///
    /// # Panics
    /// When the store cannot be asked.
    pub async fn records<J: Job>(&self, states: &[State]) -> Vec<JobRecord> {
        self.list(Some(J::KIND), states).await
    }

    /// Runs every job that is due, one after the other, until none is; those that they enqueue too. Says how many runs that
    /// were. What is delayed, or waits for its next attempt, is not due. Where the clock [can be moved](Self::advance),
    /// schedules whose time has come fire first.
    ///
    /// # Panics
    /// When the store cannot be asked.
    pub async fn drain(&self) -> usize {
        if self.clock_moves() {
            let fired = self.scheduler.fire_due().await;
            fired.expect("the store answers");
        }
        let drained = self.drain.run().await;
        drained.expect("the store answers").ran.len()
    }

    /// Runs every job that waits, as if its time had come: delayed ones, and those that failed until they are completed,
    /// cancelled or dead. Says how many runs that were.
    ///
    /// # Panics
    /// When the store cannot be asked, and after 10,000 runs: a job that is always snoozed never ends.
    pub async fn drain_all(&self) -> usize {
        let by = By::new("test");
        let mut runs = self.drain().await;
        loop {
            let later = self.list(None, &[State::Scheduled]).await;
            if later.is_empty() {
                return runs;
            }
            for job in later {
                self.store
                    .retry(job.id, &by)
                    .await
                    .expect("the store answers");
            }
            runs += self.drain().await;
            assert!(runs < MOST, "jobs still wait after {runs} runs");
        }
    }

    /// Moves the clock of the jobs on, so that delayed ones, next attempts and schedules are due; [`drain`](Self::drain) runs
    /// them.
    ///
    /// # Panics
    /// When jobs are kept in a database, whose clock nobody can move: `.set("jobs.store", "memory")` keeps them where it
    /// can be moved.
    #[track_caller]
    pub fn advance(&self, by: Duration) {
        let store = self.store.name();
        assert!(
            self.clock_moves(),
            "the clock of `{store}` cannot be moved\n  help: keep the jobs of this test in memory: \
             `TestApp::builder(app()).set(\"jobs.store\", \"memory\")`"
        );
        self.clock.advance(by);
    }

    fn clock_moves(&self) -> bool {
        self.store.name() == "memory"
    }

    async fn waiting(&self, kind: &str) -> Vec<JobRecord> {
        let waiting = [State::Scheduled, State::Available];
        self.list(Some(kind), &waiting).await
    }

    async fn list(&self, kind: Option<&str>, states: &[State]) -> Vec<JobRecord> {
        let filter = Filter {
            kind: kind.map(str::to_owned),
            states: states.to_vec(),
            ..Filter::default()
        };
        let page = Page {
            after: None,
            limit: MOST,
        };
        let found = self.store.list(&filter, page).await;
        let mut found = found.expect("the store answers");
        found.reverse();
        found
    }

    #[allow(clippy::panic, reason = "a check that does not hold fails the test")]
    async fn differ<J: Job>(&self, what: &str, place: &Location<'_>) -> ! {
        let mut words = format!("{what}: `{}` (`{}`)", type_name::<J>(), J::KIND);
        let waiting = self.list(None, &[State::Scheduled, State::Available]).await;
        if waiting.is_empty() {
            words.push_str("\n  no job waits at all");
        }
        for job in waiting {
            let payload = String::from_utf8_lossy(&job.payload);
            let _ = write!(words, "\n  {} is {}: {payload}", job.kind, job.state);
        }
        panic!("{words}\n  --> {place}")
    }
}

impl std::fmt::Debug for TestJobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let store = self.store.name();
        f.debug_struct("TestJobs")
            .field("store", &store)
            .finish_non_exhaustive()
    }
}

/// What a test reaches of the jobs of an app.
type Parts = (Arc<dyn Store>, Jobs, Handlers, JobsConfig, Scheduler);

/// What the jobs of an app follow under test.
pub(crate) struct Reins {
    /// Their clock, where it can be moved.
    clock: TestClock,
    /// What runs them where they are enqueued, if the test wants that.
    inline: Option<Inline>,
}

/// The app with its jobs within reach of a test, if it has any.
pub(crate) fn reach(app: App, inline: bool) -> (App, Option<Reins>) {
    if !app.provides::<JobsConfig>() {
        return (app, None);
    }
    // at the present, so that what handlers ask the machine for fits
    let clock = TestClock::at(atlas::jobs::clock::SystemClock::new().now());
    let shared = clock.clone();
    let app = app
        .with(|module| module.provide(move || -> Arc<dyn Clock> { Arc::new(shared.clone()) }))
        .expose::<Parts>();
    let inline = inline.then(Inline::new);
    let app = match inline.clone() {
        Some(inline) => app.with(|module| module.provide(move || inline.clone())),
        None => app,
    };
    (app, Some(Reins { clock, inline }))
}

/// Where the jobs of an app, if it has any, are kept when they run where they are enqueued: as no part of a transaction, so
/// that they need not wait for its commit.
pub(crate) fn inline_keys(app: &App) -> &'static [(&'static str, &'static str)] {
    match app.provides::<JobsConfig>() {
        true => &[("jobs.store", "memory"), ("jobs.outbox", "false")],
        false => &[],
    }
}

/// The jobs of an app that runs.
pub(crate) async fn of(running: &atlas::core::Running, reins: Option<Reins>) -> Option<TestJobs> {
    let Reins { clock, inline } = reins?;
    let (store, _, handlers, config, scheduler) = running.get::<Parts>()?;
    let middleware = running.get::<Vec<Arc<dyn Middleware>>>()?;
    let drain = Drain::new(Arc::clone(&store), handlers, middleware, &config);
    let jobs = TestJobs {
        store,
        clock,
        drain: Arc::new(drain),
        scheduler,
    };
    if jobs.clock_moves() {
        // their first ticks come after the start of the test
        let declared = jobs.scheduler.declare().await;
        declared.expect("the store answers");
    }
    if let Some(inline) = inline {
        inline.by(&jobs.drain);
    }
    Some(jobs)
}
