//! The suite notices a store that breaks a promise: each case fails for a store with the flaw that it is there for.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    time::Duration,
};

use atlas_jobs::{
    Failure, JobId, JobRecord, Limit, MemoryStore, Options, Priority, Result, State, Time, Until,
    clock::TestClock,
    conformance::{self, Harness, async_trait},
    store::{
        Audit, By, Claim, Claimed, Edit, End, Enqueued, Features, Filter, Finish, Fire, Lease,
        NewJob, Page, Pulse, Redrive, Rescued, ScheduleRecord, Stats, Store, Tick, Verdict, Wake,
    },
};

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    Nothing,
    AddsHalf,
    AddsTwice,
    AnswersOutOfOrder,
    ChangesBytes,
    CountsCrashes,
    CountsSnoozes,
    DropsTooMuch,
    FiresAgain,
    ForgetsAges,
    ForgetsFailures,
    ForgetsKeys,
    ForgetsOptions,
    ForgetsPriorities,
    GivesTwice,
    IgnoresFences,
    IgnoresLimits,
    IgnoresPauses,
    IgnoresRenewals,
    IgnoresSpacing,
    KeepsKeys,
    ListsTwice,
    LosesAJob,
    LosesCancellations,
    MiscountsJobs,
    NeverAges,
    NotesDeclarations,
    PrunesEverything,
    RevivesTheDone,
    StartsEarly,
    TakesUnknownKinds,
}

/// A store that is sound but for one flaw.
struct Flawed {
    inner: MemoryStore,
    flaw: Flaw,
    given: Mutex<Vec<JobRecord>>,
}

impl Flawed {
    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    /// A new job as this store takes it.
    fn taken(&self, mut job: NewJob) -> NewJob {
        match self.flaw {
            Flaw::AddsTwice => job.id = JobId::generate(),
            Flaw::ChangesBytes => {
                job.payload = String::from_utf8_lossy(&job.payload).trim().into();
            }
            Flaw::ForgetsAges => job.max_age = None,
            Flaw::ForgetsKeys => job.unique = None,
            Flaw::ForgetsPriorities => job.priority = Priority::NORMAL,
            Flaw::IgnoresLimits => {
                job.limit = job.limit.map(|limit| Limit::key(limit.name(), 1_000));
            }
            Flaw::KeepsKeys => {
                if let Some(unique) = &mut job.unique {
                    unique.until = Until::Window(Duration::MAX);
                }
            }
            Flaw::NeverAges => job.ageing = Duration::from_secs(3600),
            _ => {}
        }
        job
    }

    /// A job as this store tells it.
    fn told(&self, mut job: JobRecord) -> JobRecord {
        if self.is(Flaw::CountsCrashes) {
            job.attempt += job.crashes;
        }
        job
    }
}

#[async_trait]
impl Store for Flawed {
    fn name(&self) -> &'static str {
        "flawed"
    }

    fn features(&self) -> Features {
        self.inner.features()
    }

    async fn prepare(&self) -> Result<()> {
        self.inner.prepare().await
    }

    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }

    fn aside(&self) -> Arc<dyn Store> {
        self.inner.aside()
    }

    async fn now(&self) -> Result<Time> {
        self.inner.now().await
    }

    async fn enqueue(&self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>> {
        let asked: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
        let mut jobs: Vec<NewJob> = jobs.into_iter().map(|job| self.taken(job)).collect();
        if self.is(Flaw::AddsHalf) {
            let mut answers = Vec::new();
            for job in jobs {
                answers.extend(self.inner.enqueue(vec![job]).await?);
            }
            return Ok(answers);
        }
        if self.is(Flaw::LosesAJob) && jobs.len() > 1 {
            let lost = jobs.pop();
            let mut answers = self.inner.enqueue(jobs).await?;
            answers.extend(lost.map(|job| Enqueued::New(job.id, State::Available)));
            return Ok(answers);
        }
        let mut answers = self.inner.enqueue(jobs).await?;
        if self.is(Flaw::AnswersOutOfOrder) {
            answers.reverse();
        }
        if self.is(Flaw::AddsTwice) {
            for (answer, id) in answers.iter_mut().zip(asked) {
                *answer = Enqueued::New(id, State::Available);
            }
        }
        Ok(answers)
    }

    fn in_transaction(&self) -> bool {
        self.inner.in_transaction()
    }

    async fn claim(&self, claim: &Claim) -> Result<Claimed> {
        let mut claim = claim.clone();
        if self.is(Flaw::StartsEarly) {
            let page = Page {
                after: None,
                limit: 1_000,
            };
            let waiting = Filter {
                states: vec![State::Scheduled],
                ..Filter::default()
            };
            for job in self.inner.list(&waiting, page).await? {
                let ahead = job.run_at - self.inner.now().await?;
                if ahead < chrono::TimeDelta::milliseconds(50) {
                    self.inner.retry(job.id, &By::new("early")).await?;
                }
            }
        }
        if self.is(Flaw::TakesUnknownKinds) {
            claim.kinds.push("work@2".to_owned());
        }
        let mut claimed = self.inner.claim(&claim).await?;
        if self.is(Flaw::GivesTwice) {
            let mut given = self.given.lock().expect("nobody panics with it");
            match claimed.jobs.is_empty() {
                true => claimed.jobs.extend(given.pop()),
                false => given.clone_from(&claimed.jobs),
            }
        }
        claimed.jobs = claimed.jobs.into_iter().map(|job| self.told(job)).collect();
        Ok(claimed)
    }

    async fn renew(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Pulse>> {
        if self.is(Flaw::IgnoresRenewals) {
            return Ok(vec![Pulse::Kept; leases.len()]);
        }
        self.inner.renew(leases, lease).await
    }

    async fn control(&self, leases: &[Lease]) -> Result<(Vec<Lease>, Vec<String>)> {
        self.inner.control(leases).await
    }

    async fn finish(&self, ends: &[Finish]) -> Result<Vec<Verdict>> {
        let mut ends = ends.to_vec();
        for finish in &mut ends {
            if self.is(Flaw::IgnoresFences)
                && let Some(job) = self.inner.find(finish.lease.job).await?
            {
                finish.lease.fence = job.fence;
            }
            if self.is(Flaw::CountsSnoozes)
                && let End::Snooze(wait) = finish.end
            {
                finish.end = End::Retry(wait);
            }
        }
        self.inner.finish(&ends).await
    }

    async fn progress(&self, lease: Lease, progress: &str) -> Result<Verdict> {
        self.inner.progress(lease, progress).await
    }

    async fn rescue(&self, crash_limit: u32, limit: usize) -> Result<Vec<Rescued>> {
        self.inner.rescue(crash_limit, limit).await
    }

    async fn find(&self, id: JobId) -> Result<Option<JobRecord>> {
        Ok(self.inner.find(id).await?.map(|job| self.told(job)))
    }

    async fn failures(&self, id: JobId) -> Result<Vec<Failure>> {
        if self.is(Flaw::ForgetsFailures) {
            return Ok(Vec::new());
        }
        self.inner.failures(id).await
    }

    async fn list(&self, filter: &Filter, mut page: Page) -> Result<Vec<JobRecord>> {
        if self.is(Flaw::ListsTwice) {
            page.after = None;
        }
        self.inner.list(filter, page).await
    }

    async fn stats(&self, all: bool) -> Result<Stats> {
        let mut stats = self.inner.stats(all).await?;
        if self.is(Flaw::MiscountsJobs) {
            let counts = stats.queues.values_mut();
            let counts = counts.flat_map(|queue| queue.jobs.get_mut(&State::Running));
            counts.for_each(|jobs| *jobs -= 1);
        }
        Ok(stats)
    }

    async fn cancel(&self, id: JobId, by: &By) -> Result<State> {
        let state = self.inner.find(id).await?.map(|job| job.state);
        if self.is(Flaw::LosesCancellations) && state == Some(State::Running) {
            return Ok(State::Running);
        }
        self.inner.cancel(id, by).await
    }

    async fn retry(&self, id: JobId, by: &By) -> Result<State> {
        let job = self.inner.find(id).await?;
        if self.is(Flaw::RevivesTheDone)
            && let Some(job) = job
            && job.state == State::Completed
        {
            let only = Filter {
                ids: Some(vec![id]),
                ..Filter::default()
            };
            self.inner.discard(&only, 1, by).await?;
            return Ok(State::Completed);
        }
        self.inner.retry(id, by).await
    }

    async fn edit(&self, id: JobId, edit: &Edit, by: &By) -> Result<()> {
        self.inner.edit(id, edit, by).await
    }

    async fn redrive(&self, redrive: &Redrive, by: &By) -> Result<u64> {
        let mut redrive = redrive.clone();
        if self.is(Flaw::IgnoresSpacing) {
            redrive.spacing = Duration::ZERO;
        }
        self.inner.redrive(&redrive, by).await
    }

    async fn discard(&self, filter: &Filter, limit: usize, by: &By) -> Result<u64> {
        let limit = if self.is(Flaw::DropsTooMuch) {
            usize::MAX
        } else {
            limit
        };
        self.inner.discard(filter, limit, by).await
    }

    async fn prune(&self, state: State, age: Duration, limit: usize) -> Result<u64> {
        let age = if self.is(Flaw::PrunesEverything) {
            Duration::ZERO
        } else {
            age
        };
        self.inner.prune(state, age, limit).await
    }

    async fn pause(&self, queue: &str, by: &By) -> Result<()> {
        if self.is(Flaw::IgnoresPauses) {
            return Ok(());
        }
        self.inner.pause(queue, by).await
    }

    async fn resume(&self, queue: &str, by: &By) -> Result<()> {
        self.inner.resume(queue, by).await
    }

    async fn schedules(&self) -> Result<Vec<ScheduleRecord>> {
        self.inner.schedules().await
    }

    async fn put_schedule(&self, schedule: &ScheduleRecord, by: &By) -> Result<()> {
        let mut schedule = schedule.clone();
        if self.is(Flaw::ForgetsOptions) {
            schedule.options = Options::new();
        }
        self.inner.put_schedule(&schedule, by).await
    }

    async fn declared(&self, name: &str, at: Time) -> Result<()> {
        if self.is(Flaw::NotesDeclarations) {
            let by = By::new("code");
            self.inner.audit(&by, "schedule.change", name, None).await?;
        }
        self.inner.declared(name, at).await
    }

    async fn remove_schedule(&self, name: &str, by: &By) -> Result<bool> {
        self.inner.remove_schedule(name, by).await
    }

    async fn pause_schedule(
        &self,
        name: &str,
        paused: bool,
        next: Option<Time>,
        by: &By,
    ) -> Result<()> {
        self.inner.pause_schedule(name, paused, next, by).await
    }

    async fn fire(&self, tick: &Tick) -> Result<Fire> {
        let fired = self.inner.fire(tick).await?;
        if self.is(Flaw::FiresAgain) && fired == Fire::Missed {
            self.inner.enqueue(tick.jobs.clone()).await?;
            return Ok(Fire::Fired);
        }
        Ok(fired)
    }

    async fn audit(
        &self,
        by: &By,
        action: &str,
        subject: &str,
        detail: Option<&str>,
    ) -> Result<()> {
        self.inner.audit(by, action, subject, detail).await
    }

    async fn audits(&self, subject: Option<&str>, limit: usize) -> Result<Vec<Audit>> {
        self.inner.audits(subject, limit).await
    }

    async fn listen(&self) -> Result<Option<Box<dyn Wake>>> {
        self.inner.listen().await
    }
}

struct Opens(Flaw, TestClock);

#[async_trait]
impl Harness for Opens {
    async fn open(&self) -> Option<Arc<dyn Store>> {
        Some(Arc::new(Flawed {
            inner: MemoryStore::with_clock(self.1.clone()),
            flaw: self.0,
            given: Mutex::default(),
        }))
    }

    async fn advance(&self, by: Duration) {
        self.1.advance(by);
    }
}

/// A test for each flaw: the case passes without it, and fails with it.
macro_rules! flaws {
    ($($flaw:ident => $theme:ident::$case:ident)*) => {
        $(
            #[allow(non_snake_case, reason = "the test is called as the flaw is")]
            #[test]
            fn $flaw() {
                let run = |flaw| {
                    let harness = Opens(flaw, TestClock::new());
                    let case = conformance::$theme::$case(&harness);
                    catch_unwind(AssertUnwindSafe(|| conformance::run(case)))
                };
                assert!(run(Flaw::Nothing).is_ok(), "a sound store passes");
                assert!(run(Flaw::$flaw).is_err(), "a store that {:?} passes too", Flaw::$flaw);
            }
        )*
    };
}

flaws! {
    AddsHalf => enqueue::jobs_are_added_all_or_none
    AddsTwice => enqueue::many_callers_with_one_id_make_one_job
    AnswersOutOfOrder => enqueue::answers_come_in_the_order_of_the_jobs
    ChangesBytes => payload::a_payload_comes_back_byte_by_byte
    CountsCrashes => finish::attempts_snoozes_and_crashes_are_counted_apart
    CountsSnoozes => finish::a_snooze_is_not_an_attempt
    DropsTooMuch => dead::only_terminal_jobs_are_dropped
    FiresAgain => schedule::each_tick_fires_once
    ForgetsAges => enqueue::a_new_job_is_kept_as_it_was_said
    ForgetsFailures => finish::every_failure_is_kept
    ForgetsKeys => unique::one_of_many_wins_each_key
    ForgetsOptions => schedule::schedules_are_kept_by_name
    ForgetsPriorities => priority::the_most_urgent_job_comes_first
    GivesTwice => claim::no_job_goes_to_two_workers
    IgnoresFences => lease::a_stale_worker_changes_nothing
    IgnoresLimits => limits::a_limit_holds_however_many_claim
    IgnoresPauses => control::a_paused_queue_gives_nothing
    IgnoresRenewals => lease::a_lease_that_is_renewed_does_not_run_out
    IgnoresSpacing => dead::dead_jobs_come_back_one_after_the_other
    KeepsKeys => unique::a_key_is_held_until_its_job_is_finished
    ListsTwice => read::jobs_are_listed_newest_first
    LosesAJob => claim::no_job_goes_to_two_workers
    LosesCancellations => control::the_worker_of_a_running_job_is_told
    MiscountsJobs => read::stats_agree_with_what_is_there
    NotesDeclarations => schedule::a_declaration_is_noted_and_nothing_else
    NeverAges => priority::a_job_that_has_waited_comes_first_at_last
    PrunesEverything => dead::pruning_drops_what_is_older_than_it_is_kept
    RevivesTheDone => dead::a_job_that_needs_no_retry_stays_as_it_is
    StartsEarly => claim::a_job_is_never_started_before_its_time
    TakesUnknownKinds => claim::kinds_that_a_worker_does_not_know_are_left
}

/// A case that is written and not in the list of the macro would never run.
#[test]
fn every_case_of_the_suite_is_in_its_list() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/conformance");
    let list = std::fs::read_to_string(format!("{folder}/cases.rs")).unwrap();
    let listed: BTreeSet<&str> = list.lines().map(str::trim).collect();
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            if let Some(case) = line.strip_prefix("pub async fn ") {
                let name = case.split('(').next().unwrap();
                assert!(listed.contains(name), "`{name}` is in the list");
                found += 1;
            }
        }
    }
    assert!(found > 100, "{found} cases");
}
