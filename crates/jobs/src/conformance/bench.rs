//! What the cases have in common: a store, and short words for what they do to it.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Barrier, task::JoinSet};

use super::Harness;
use crate::{
    Failure, FailureKind, JobId, JobRecord, Limit, OnConflict, Priority, Reason, State, Time,
    Until,
    store::{
        By, Claim, Claimed, End, Enqueued, Filter, Finish, Lease, NewJob, Page, Run, Share, Store,
        UniqueKey, Verdict,
    },
};

/// The kind of the jobs of most cases.
pub(super) const KIND: &str = "work";
/// Their queue.
pub(super) const QUEUE: &str = "default";
/// A time that no case outlives.
pub(super) const LONG: Duration = Duration::from_secs(3600);
/// A time that a case waits for.
pub(super) const SHORT: Duration = Duration::from_millis(200);
/// What one look at a store that is waited for moves its clock on.
const STEP: Duration = Duration::from_millis(20);
/// How often a case looks before it gives up: for half a minute at least.
const LOOKS: usize = 1500;

/// Who does it, for the audit.
pub(super) fn by() -> By {
    By::new("user:conformance")
}

/// A job like any other.
pub(super) fn job() -> NewJob {
    NewJob {
        id: JobId::generate(),
        kind: KIND.to_owned(),
        queue: QUEUE.to_owned(),
        priority: Priority::NORMAL,
        ageing: Duration::from_secs(30),
        payload: b"{}".to_vec(),
        max_attempts: 20,
        run: Run::Now,
        timeout: None,
        max_age: None,
        unique: None,
        limit: None,
        trace: None,
        actor: None,
        schedule: None,
    }
}

/// A job that waits so long.
pub(super) fn delayed(wait: Duration) -> NewJob {
    NewJob {
        run: Run::In(wait),
        ..job()
    }
}

/// A job that counts against a limit.
pub(super) fn limited(key: &str, max: u32) -> NewJob {
    NewJob {
        limit: Some(Limit::key(key, max)),
        ..job()
    }
}

/// A job that holds a key until it is finished; a second one is skipped.
pub(super) fn unique(key: &str) -> NewJob {
    unique_by(key, Until::Finished, OnConflict::Skip)
}

/// A job that holds a key.
pub(super) fn unique_by(key: &str, until: Until, on_conflict: OnConflict) -> NewJob {
    NewJob {
        unique: Some(UniqueKey {
            key: format!("{KIND}:{key}"),
            until,
            on_conflict,
        }),
        ..job()
    }
}

/// A worker that asks for so many jobs of the usual kind.
pub(super) fn claim(total: usize, lease: Duration) -> Claim {
    claim_of(&[KIND], &[(QUEUE, total)], total, lease)
}

/// A worker that asks for jobs of these kinds and queues.
pub(super) fn claim_of(
    kinds: &[&str],
    queues: &[(&str, usize)],
    total: usize,
    lease: Duration,
) -> Claim {
    let share = |(queue, jobs): &(&str, usize)| Share {
        queue: (*queue).to_owned(),
        jobs: *jobs,
    };
    Claim {
        worker: "worker-1".to_owned(),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        queues: queues.iter().map(share).collect(),
        total,
        lease,
    }
}

/// The lease under which a claimed job runs.
pub(super) fn lease(job: &JobRecord) -> Lease {
    Lease {
        job: job.id,
        fence: job.fence,
    }
}

/// The end of a run, without a failure.
pub(super) fn finish(job: &JobRecord, end: End) -> Finish {
    Finish {
        lease: lease(job),
        end,
        failure: None,
    }
}

/// What went wrong with an attempt.
pub(super) fn failure(job: &JobRecord, message: &str) -> Failure {
    Failure {
        attempt: job.attempt,
        at: Time::UNIX_EPOCH,
        kind: FailureKind::Error,
        message: message.to_owned(),
        backtrace: None,
        worker: job.worker.clone(),
    }
}

/// The jobs of this state.
pub(super) fn in_state(state: State) -> Filter {
    Filter {
        states: vec![state],
        ..Filter::default()
    }
}

/// One job.
pub(super) fn only(id: JobId) -> Filter {
    Filter {
        ids: Some(vec![id]),
        ..Filter::default()
    }
}

/// The names of jobs, in order.
pub(super) fn sorted(jobs: impl IntoIterator<Item = JobId>) -> Vec<JobId> {
    let mut ids: Vec<JobId> = jobs.into_iter().collect();
    ids.sort();
    ids
}

/// A fresh store, and its harness.
pub(super) struct Bench<'a> {
    pub(super) harness: &'a dyn Harness,
    pub(super) store: Arc<dyn Store>,
}

impl<'a> Bench<'a> {
    pub(super) async fn open(harness: &'a dyn Harness) -> Option<Self> {
        let store = harness.open().await?;
        store.prepare().await.expect("the store can be prepared");
        Some(Self { harness, store })
    }

    /// This many handles on the store, of several processes where it can be shared.
    pub(super) async fn handles(&self, count: usize) -> Vec<Arc<dyn Store>> {
        let mut known = vec![self.store.clone()];
        if self.store.features().shared {
            let other = self.harness.reopen().await;
            known.push(other.expect("a store that is shared can be opened again"));
        }
        known.into_iter().cycle().take(count).collect()
    }

    /// Does the same with many handles at the same moment; the answers in the order of the handles.
    pub(super) async fn race<T, F>(
        &self,
        count: usize,
        work: impl Fn(usize, Arc<dyn Store>) -> F,
    ) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let start = Arc::new(Barrier::new(count));
        let mut racers = JoinSet::new();
        for (index, store) in self.handles(count).await.into_iter().enumerate() {
            let (start, work) = (start.clone(), work(index, store));
            racers.spawn(async move {
                start.wait().await;
                (index, work.await)
            });
        }
        let mut answers = racers.join_all().await;
        answers.sort_by_key(|(index, _)| *index);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    /// Looks until there is something to see, while time goes by.
    pub(super) async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        for _ in 0..LOOKS {
            if let Some(seen) = look().await {
                return seen;
            }
            self.harness.advance(STEP).await;
        }
        unreachable_in_time(what)
    }

    /// Lets time go by.
    pub(super) async fn pass(&self, time: Duration) {
        self.harness.advance(time).await;
    }

    pub(super) async fn now(&self) -> Time {
        self.store.now().await.expect("the store tells the time")
    }

    /// Adds jobs, and says what became of each.
    pub(super) async fn enqueue(&self, jobs: Vec<NewJob>) -> Vec<Enqueued> {
        let count = jobs.len();
        let answers = self.store.enqueue(jobs).await.expect("jobs are taken");
        assert_eq!(answers.len(), count, "an answer for each job");
        answers
    }

    /// Adds one job.
    pub(super) async fn put(&self, job: NewJob) -> Enqueued {
        self.enqueue(vec![job]).await[0]
    }

    /// Adds one job that is new.
    pub(super) async fn add(&self, job: NewJob) -> JobId {
        let id = job.id;
        let answer = self.put(job).await;
        assert!(answer.is_new() && answer.id() == id, "{answer:?}");
        id
    }

    /// Adds so many jobs like any other.
    pub(super) async fn add_many(&self, count: usize) -> Vec<JobId> {
        let jobs: Vec<NewJob> = (0..count).map(|_| job()).collect();
        let ids = jobs.iter().map(|job| job.id).collect();
        self.enqueue(jobs).await;
        ids
    }

    pub(super) async fn claim(&self, claim: &Claim) -> Claimed {
        self.store.claim(claim).await.expect("a claim is answered")
    }

    /// Takes up to so many jobs, for long.
    pub(super) async fn take(&self, total: usize) -> Vec<JobRecord> {
        self.claim(&claim(total, LONG)).await.jobs
    }

    /// Takes the only job there is, for this long.
    pub(super) async fn take_one(&self, hold: Duration) -> JobRecord {
        let mut jobs = self.claim(&claim(2, hold)).await.jobs;
        assert_eq!(jobs.len(), 1, "one job to take: {jobs:?}");
        jobs.remove(0)
    }

    /// A new job that runs.
    pub(super) async fn running(&self) -> JobRecord {
        self.add(job()).await;
        self.take_one(LONG).await
    }

    /// A job that is in this state, the only one that was not terminal before.
    pub(super) async fn in_state(&self, state: State) -> JobId {
        let end = match state {
            State::Scheduled => return self.add(delayed(LONG)).await,
            State::Available => return self.add(job()).await,
            State::Running => return self.running().await.id,
            State::Completed => End::Done,
            State::Cancelled => End::Cancelled("not needed".to_owned()),
            State::Dead => End::Dead(Reason::Failed),
        };
        let running = self.running().await;
        self.end(&running, end).await;
        running.id
    }

    /// Takes the end of a run to the store, which accepts it.
    pub(super) async fn end(&self, job: &JobRecord, end: End) {
        let verdict = self.finish(finish(job, end)).await;
        assert_eq!(verdict, Verdict::Applied, "{job:?}");
    }

    pub(super) async fn finish(&self, end: Finish) -> Verdict {
        let verdicts = self.store.finish(&[end]).await.expect("an end is taken");
        assert_eq!(verdicts.len(), 1, "a verdict for each end");
        verdicts[0]
    }

    /// The job of this name.
    pub(super) async fn job(&self, id: JobId) -> JobRecord {
        let job = self.store.find(id).await.expect("a job is looked up");
        job.expect("the job is there")
    }

    pub(super) async fn state(&self, id: JobId) -> State {
        self.job(id).await.state
    }

    pub(super) async fn failures(&self, id: JobId) -> Vec<Failure> {
        self.store.failures(id).await.expect("failures are told")
    }

    /// All jobs that a filter meets.
    pub(super) async fn list(&self, filter: &Filter) -> Vec<JobRecord> {
        let page = Page {
            after: None,
            limit: 100_000,
        };
        self.store
            .list(filter, page)
            .await
            .expect("jobs are listed")
    }

    /// Takes a job whose lease has run out back, as soon as it has.
    pub(super) async fn rescued(&self, crash_limit: u32) -> crate::store::Rescued {
        self.until("a rescue", async || {
            let rescued = self.store.rescue(crash_limit, 1).await;
            rescued.expect("a rescue is answered").pop()
        })
        .await
    }
}

/// Ends a case that has waited for long enough.
#[expect(clippy::panic, reason = "a case fails as a test does")]
pub(super) fn unreachable_in_time(what: &str) -> ! {
    panic!("{what}: nothing of it within {:?}", STEP * 1500)
}
