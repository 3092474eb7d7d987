//! The store around another one.

use std::{sync::Arc, time::Duration};

use atlas_db::Db;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::relay::Relay;
use crate::{
    Failure, JobId, JobRecord, Result, State, Time,
    sql::Base,
    store::{
        Audit, By, Claim, Claimed, Edit, Enqueued, Features, Filter, Finish, Fire, Lease, NewJob,
        Page, Pulse, Redrive, Rescued, Run, ScheduleRecord, Stats, Store, Tick, Transactions,
        Verdict, Wake,
    },
};

/// A store whose jobs go through a table of the service's database when they are enqueued inside of a [`Db::transaction`]:
/// they are in the store soon after that commits, and never if it does not.
///
/// What such a call says is that each job is new; whether one of its name or its key was there shows only in the store.
/// Everything else goes to the store at once. Some process has to [`run`](Self::run) it.
#[derive(Clone)]
pub struct Outbox {
    relay: Relay,
}

impl Outbox {
    /// The store, with an outbox in this database; nothing is opened yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, db: Db) -> Self {
        Self {
            relay: Relay {
                base: Base::new(db),
                store,
                bell: Arc::new(Notify::new()),
            },
        }
    }

    /// Moves jobs from the table to the store until the token is cancelled: at once when a transaction of this process
    /// commits, and within a second otherwise. Any number of processes may do so at a time. While the
    /// store does not answer, they stay and are tried again; one that it refuses, or that cannot be read, stays with the reason
    /// in its row, and the others go on.
    pub async fn run(&self, shutdown: CancellationToken) {
        self.relay.run(shutdown).await;
    }

    /// Moves what lies in the table now, and says how many jobs that were.
    ///
    /// # Errors
    ///
    /// When the database or the store fails; what was not moved stays.
    pub async fn drain(&self) -> Result<usize> {
        let mut moved = 0;
        loop {
            match self.relay.move_some().await? {
                0 => return Ok(moved),
                some => moved += some,
            }
        }
    }

    /// How many jobs lie in the table, and how long the oldest has.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn backlog(&self) -> Result<(u64, Duration)> {
        self.relay.backlog().await
    }
}

#[async_trait::async_trait]
impl Store for Outbox {
    fn name(&self) -> &'static str {
        self.relay.store.name()
    }

    fn features(&self) -> Features {
        Features {
            transactions: Transactions::Outbox,
            ..self.relay.store.features()
        }
    }

    async fn prepare(&self) -> Result<()> {
        self.relay.base.prepare().await?;
        self.relay.store.prepare().await
    }

    async fn ping(&self) -> Result<()> {
        self.relay.store.ping().await
    }

    fn aside(&self) -> Arc<dyn Store> {
        self.relay.store.aside()
    }

    async fn close(&self) {
        self.relay.store.close().await;
    }

    async fn now(&self) -> Result<Time> {
        self.relay.store.now().await
    }

    async fn enqueue(&self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>> {
        if !self.in_transaction() {
            return self.relay.store.enqueue(jobs).await;
        }
        self.relay.write(&jobs).await?;
        let bell = Arc::clone(&self.relay.bell);
        let committed = move || async move { bell.notify_one() };
        self.relay.base.db.after_commit(committed).await;
        let new = |job: &NewJob| {
            let waits = !matches!(job.run, Run::Now);
            let state = if waits {
                State::Scheduled
            } else {
                State::Available
            };
            Enqueued::New(job.id, state)
        };
        Ok(jobs.iter().map(new).collect())
    }

    fn in_transaction(&self) -> bool {
        self.relay.base.db.in_transaction()
    }

    async fn claim(&self, claim: &Claim) -> Result<Claimed> {
        self.relay.store.claim(claim).await
    }

    async fn renew(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Pulse>> {
        self.relay.store.renew(leases, lease).await
    }

    async fn control(&self, leases: &[Lease]) -> Result<(Vec<Lease>, Vec<String>)> {
        self.relay.store.control(leases).await
    }

    async fn finish(&self, ends: &[Finish]) -> Result<Vec<Verdict>> {
        self.relay.store.finish(ends).await
    }

    async fn progress(&self, lease: Lease, progress: &str) -> Result<Verdict> {
        self.relay.store.progress(lease, progress).await
    }

    async fn rescue(&self, crash_limit: u32, limit: usize) -> Result<Vec<Rescued>> {
        self.relay.store.rescue(crash_limit, limit).await
    }

    async fn find(&self, id: JobId) -> Result<Option<JobRecord>> {
        self.relay.store.find(id).await
    }

    async fn failures(&self, id: JobId) -> Result<Vec<Failure>> {
        self.relay.store.failures(id).await
    }

    async fn list(&self, filter: &Filter, page: Page) -> Result<Vec<JobRecord>> {
        self.relay.store.list(filter, page).await
    }

    async fn stats(&self, all: bool) -> Result<Stats> {
        self.relay.store.stats(all).await
    }

    async fn cancel(&self, id: JobId, by: &By) -> Result<State> {
        self.relay.store.cancel(id, by).await
    }

    async fn retry(&self, id: JobId, by: &By) -> Result<State> {
        self.relay.store.retry(id, by).await
    }

    async fn edit(&self, id: JobId, edit: &Edit, by: &By) -> Result<()> {
        self.relay.store.edit(id, edit, by).await
    }

    async fn redrive(&self, redrive: &Redrive, by: &By) -> Result<u64> {
        self.relay.store.redrive(redrive, by).await
    }

    async fn discard(&self, filter: &Filter, limit: usize, by: &By) -> Result<u64> {
        self.relay.store.discard(filter, limit, by).await
    }

    async fn prune(&self, state: State, age: Duration, limit: usize) -> Result<u64> {
        self.relay.store.prune(state, age, limit).await
    }

    async fn pause(&self, queue: &str, by: &By) -> Result<()> {
        self.relay.store.pause(queue, by).await
    }

    async fn resume(&self, queue: &str, by: &By) -> Result<()> {
        self.relay.store.resume(queue, by).await
    }

    async fn schedules(&self) -> Result<Vec<ScheduleRecord>> {
        self.relay.store.schedules().await
    }

    async fn put_schedule(&self, schedule: &ScheduleRecord, by: &By) -> Result<()> {
        self.relay.store.put_schedule(schedule, by).await
    }

    async fn declared(&self, name: &str, at: Time) -> Result<()> {
        self.relay.store.declared(name, at).await
    }

    async fn remove_schedule(&self, name: &str, by: &By) -> Result<bool> {
        self.relay.store.remove_schedule(name, by).await
    }

    async fn pause_schedule(
        &self,
        name: &str,
        paused: bool,
        next: Option<Time>,
        by: &By,
    ) -> Result<()> {
        self.relay
            .store
            .pause_schedule(name, paused, next, by)
            .await
    }

    async fn fire(&self, tick: &Tick) -> Result<Fire> {
        self.relay.store.fire(tick).await
    }

    async fn audit(
        &self,
        by: &By,
        action: &str,
        subject: &str,
        detail: Option<&str>,
    ) -> Result<()> {
        self.relay.store.audit(by, action, subject, detail).await
    }

    async fn audits(&self, subject: Option<&str>, limit: usize) -> Result<Vec<Audit>> {
        self.relay.store.audits(subject, limit).await
    }

    async fn listen(&self) -> Result<Option<Box<dyn Wake>>> {
        self.relay.store.listen().await
    }
}
