//! The port.

use std::{sync::Arc, time::Duration};

use super::{
    Audit, By, Claim, Claimed, Edit, Enqueued, Features, Filter, Finish, Fire, Lease, NewJob, Page,
    Pulse, Redrive, Rescued, ScheduleRecord, Stats, Tick, Verdict, Wake,
};
use crate::{Failure, JobId, JobRecord, Result, State, Time};

/// Where jobs are kept.
///
/// Every method is one atomic step, may be called from any task, and fails with a typed error within bounded time. Methods
/// that take several jobs answer in the order of what they were given.
#[async_trait::async_trait]
pub trait Store: Send + Sync + 'static {
    /// Its name: `memory`, `sqlite`, `postgresql`, `mysql`, `mariadb`, `redis`.
    fn name(&self) -> &'static str;

    /// What it can do.
    fn features(&self) -> Features;

    /// Makes sure that it can be used: it answers, and its tables, if any, are those that this version needs.
    async fn prepare(&self) -> Result<()>;

    /// Asks for a sign of life.
    async fn ping(&self) -> Result<()>;

    /// A store on the same jobs with connections of its own, opened by the runtime that uses it first: heartbeats go on
    /// when the connections of the service, or the threads of its runtime, are all busy.
    fn aside(&self) -> Arc<dyn Store>;

    /// Closes what [`aside`](Self::aside) has opened.
    async fn close(&self) {}

    /// The time of its clock.
    async fn now(&self) -> Result<Time>;

    /// Adds jobs, all or none; a wait beyond [`LATEST`](crate::clock::LATEST) ends then. Inside of the caller's transaction, if the store [can](Features::transactions), they are
    /// there when it commits, and workers are told then.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::Error::Invalid) for a unique key that is too long.
    async fn enqueue(&self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>>;

    /// Says whether what is enqueued now becomes part of a transaction of the caller; otherwise jobs of several callers may
    /// be enqueued by one call.
    fn in_transaction(&self) -> bool;

    /// Gives jobs to a worker: makes due ones available, then takes the most urgent ones that their
    /// [limits](crate::Limit) allow. Each gets the state running, one more attempt, the next fence and a lease.
    async fn claim(&self, claim: &Claim) -> Result<Claimed>;

    /// Renews leases for this long from now.
    async fn renew(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Pulse>>;

    /// Says which of these jobs were called off, without renewing anything, and which queues are paused.
    async fn control(&self, leases: &[Lease]) -> Result<(Vec<Lease>, Vec<String>)>;

    /// Records the ends of runs. A stale lease changes nothing. Inside of the caller's transaction, if the store
    /// [can](Features::transactions), it is recorded when that commits.
    async fn finish(&self, ends: &[Finish]) -> Result<Vec<Verdict>>;

    /// Does something once the caller's transaction, if the store is part of it, has committed: at once if there is none, and
    /// never if it is rolled back.
    async fn after_commit(&self, then: Box<dyn FnOnce() + Send>) {
        then();
    }

    /// Records the progress of a running job, as JSON.
    async fn progress(&self, lease: Lease, progress: &str) -> Result<Verdict>;

    /// Takes up to `limit` jobs back whose lease has run out: the crash counts, the attempt does not, and the crash that
    /// reaches `crash_limit` makes the job dead as [`CrashLoop`](crate::Reason::CrashLoop). One that was called off is
    /// cancelled, any other is available where it stood before. A [`Failure`] is kept of each.
    async fn rescue(&self, crash_limit: u32, limit: usize) -> Result<Vec<Rescued>>;

    /// The job of this name.
    async fn find(&self, id: JobId) -> Result<Option<JobRecord>>;

    /// What went wrong with a job, oldest first.
    async fn failures(&self, id: JobId) -> Result<Vec<Failure>>;

    /// The jobs that a filter meets, newest first.
    async fn list(&self, filter: &Filter, page: Page) -> Result<Vec<JobRecord>>;

    /// How many jobs there are; terminal ones only if `all`, because to count them costs time.
    async fn stats(&self, all: bool) -> Result<Stats>;

    /// Calls a job off: one that waits is cancelled at once, the worker of one that runs is told. Returns the state that it
    /// was in; a terminal one stays as it is.
    ///
    /// # Errors
    ///
    /// [`NoSuchJob`](crate::Error::NoSuchJob).
    async fn cancel(&self, id: JobId, by: &By) -> Result<State>;

    /// Makes a job available at once: one that waits for its time, or one that is cancelled or dead, which begins anew with
    /// no attempts and crashes, its whole age before it and its unique key, its failures kept. Returns the state that it was in; a completed or running one, and one
    /// that is available already, stays as it is.
    ///
    /// # Errors
    ///
    /// [`NoSuchJob`](crate::Error::NoSuchJob); [`Invalid`](crate::Error::Invalid) when another job holds its unique key.
    async fn retry(&self, id: JobId, by: &By) -> Result<State>;

    /// Changes a job that waits or is dead.
    ///
    /// # Errors
    ///
    /// [`NoSuchJob`](crate::Error::NoSuchJob), [`WrongState`](crate::Error::WrongState).
    async fn edit(&self, id: JobId, edit: &Edit, by: &By) -> Result<()>;

    /// Brings dead jobs back, as [`retry`](Self::retry) does: each once, however many operators do it at a time. Returns
    /// how many; those whose unique key another job holds stay.
    async fn redrive(&self, redrive: &Redrive, by: &By) -> Result<u64>;

    /// Drops up to `limit` terminal jobs that a filter meets, with their failures. Returns how many.
    async fn discard(&self, filter: &Filter, limit: usize, by: &By) -> Result<u64>;

    /// Drops up to `limit` jobs of this terminal state that finished longer ago than `age`. Returns how many.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::Error::Invalid) for a state that is not terminal.
    async fn prune(&self, state: State, age: Duration, limit: usize) -> Result<u64>;

    /// Gives nothing of a queue from now on, to anybody. What runs goes on.
    async fn pause(&self, queue: &str, by: &By) -> Result<()>;

    /// Gives jobs of a queue again.
    async fn resume(&self, queue: &str, by: &By) -> Result<()>;

    /// All schedules, by name.
    async fn schedules(&self) -> Result<Vec<ScheduleRecord>>;

    /// Adds a schedule, or changes the one of that name. Whether it is paused, and its last tick, stay as they are, if it
    /// was there; its next tick becomes `next_tick`. Listeners are told as of [`pause_schedule`](Self::pause_schedule) if
    /// that changes anything but when it was declared.
    async fn put_schedule(&self, schedule: &ScheduleRecord, by: &By) -> Result<()>;

    /// Notes that the code of some process declares a schedule at this time, unless a later one is noted. Of a schedule that
    /// is not there, or that somebody has added at run time, nothing is.
    async fn declared(&self, name: &str, at: Time) -> Result<()>;

    /// Removes a schedule, and tells listeners. Says whether it was there.
    async fn remove_schedule(&self, name: &str, by: &By) -> Result<bool>;

    /// Pauses a schedule, whose next tick stays, or lets it go on from this one. Listeners are told by
    /// [`Control`](super::Signal::Control).
    ///
    /// # Errors
    ///
    /// [`NoSuchSchedule`](crate::Error::NoSuchSchedule).
    async fn pause_schedule(
        &self,
        name: &str,
        paused: bool,
        next: Option<Time>,
        by: &By,
    ) -> Result<()>;

    /// Fires a tick: enqueues its jobs and records the next tick in one step, if nobody has before.
    async fn fire(&self, tick: &Tick) -> Result<Fire>;

    /// Adds to the audit what is not the store's own doing.
    async fn audit(&self, by: &By, action: &str, subject: &str, detail: Option<&str>)
    -> Result<()>;

    /// The newest lines of the audit, newest first; of one subject, or of all.
    async fn audits(&self, subject: Option<&str>, limit: usize) -> Result<Vec<Audit>>;

    /// Listens for work, if the store can tell: `None` if it cannot, and workers have to ask.
    async fn listen(&self) -> Result<Option<Box<dyn Wake>>>;
}
