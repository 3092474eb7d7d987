//! The port.

use std::{sync::Arc, time::Duration};

use atlas_db::Db;

use super::{base::Base, base::Dialect, wake};
use crate::{
    Failure, JobId, JobRecord, Result, State, Time,
    store::{
        Audit, By, Claim, Claimed, Edit, Enqueued, Features, Filter, Finish, Fire, Lease, NewJob,
        Page, Pulse, Redrive, Rescued, ScheduleRecord, Stats, Store, Tick, Transactions, Verdict,
        Wake,
    },
};

/// How many connections heartbeats and their likes have for themselves.
const ASIDE: u32 = 2;

/// Jobs in the service's database: SQLite, PostgreSQL, MySQL and MariaDB.
///
/// What is enqueued inside of a [`Db::transaction`] is there if that commits, and a job can be completed together with what
/// its handler writes. Its tables come from the migration [`tables`](super::tables).
#[derive(Clone)]
pub struct SqlStore {
    base: Base,
    /// It has connections of its own, which end with it.
    is_aside: bool,
}

impl SqlStore {
    /// The jobs of this database; nothing is opened yet.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self {
            base: Base::new(db),
            is_aside: false,
        }
    }

    /// The database that they are in.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.base.db
    }
}

#[async_trait::async_trait]
impl Store for SqlStore {
    fn name(&self) -> &'static str {
        self.base.db.system()
    }

    fn features(&self) -> Features {
        Features {
            durable: true,
            shared: true,
            transactions: Transactions::Same,
            push: self.base.dialect == Dialect::Postgres && self.base.bell.hears_others(),
        }
    }

    async fn prepare(&self) -> Result<()> {
        self.base.prepare().await
    }

    async fn ping(&self) -> Result<()> {
        Ok(self.base.db.ping().await?)
    }

    fn aside(&self) -> Arc<dyn Store> {
        Arc::new(Self {
            base: self.base.on(self.base.db.beside(ASIDE)),
            is_aside: true,
        })
    }

    async fn close(&self) {
        // a database in memory has no other connections than those of the service
        if self.is_aside && self.base.is_file_or_server() {
            self.base.db.close().await;
        }
    }

    async fn now(&self) -> Result<Time> {
        self.base.alone(self.base.now()).await
    }

    async fn enqueue(&self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>> {
        self.base.enqueue(&jobs).await
    }

    fn in_transaction(&self) -> bool {
        self.base.db.in_transaction()
    }

    async fn claim(&self, claim: &Claim) -> Result<Claimed> {
        self.base.claim(claim).await
    }

    async fn renew(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Pulse>> {
        self.base.renew(leases, lease).await
    }

    async fn control(&self, leases: &[Lease]) -> Result<(Vec<Lease>, Vec<String>)> {
        self.base.control(leases).await
    }

    async fn finish(&self, ends: &[Finish]) -> Result<Vec<Verdict>> {
        self.base.finish(ends).await
    }

    async fn after_commit(&self, then: Box<dyn FnOnce() + Send>) {
        self.base.db.after_commit(|| async move { then() }).await;
    }

    async fn progress(&self, lease: Lease, progress: &str) -> Result<Verdict> {
        self.base.progress(lease, progress).await
    }

    async fn rescue(&self, crash_limit: u32, limit: usize) -> Result<Vec<Rescued>> {
        self.base.rescue(crash_limit, limit).await
    }

    async fn find(&self, id: JobId) -> Result<Option<JobRecord>> {
        self.base.find(id).await
    }

    async fn failures(&self, id: JobId) -> Result<Vec<Failure>> {
        self.base.failures(id).await
    }

    async fn list(&self, filter: &Filter, page: Page) -> Result<Vec<JobRecord>> {
        self.base.list(filter, page).await
    }

    async fn stats(&self, all: bool) -> Result<Stats> {
        self.base.stats(all).await
    }

    async fn cancel(&self, id: JobId, by: &By) -> Result<State> {
        self.base.cancel(id, by).await
    }

    async fn retry(&self, id: JobId, by: &By) -> Result<State> {
        self.base.retry(id, by).await
    }

    async fn edit(&self, id: JobId, edit: &Edit, by: &By) -> Result<()> {
        self.base.edit(id, edit, by).await
    }

    async fn redrive(&self, redrive: &Redrive, by: &By) -> Result<u64> {
        self.base.redrive(redrive, by).await
    }

    async fn discard(&self, filter: &Filter, limit: usize, by: &By) -> Result<u64> {
        self.base.discard(filter, limit, by).await
    }

    async fn prune(&self, state: State, age: Duration, limit: usize) -> Result<u64> {
        self.base.prune(state, age, limit).await
    }

    async fn pause(&self, queue: &str, by: &By) -> Result<()> {
        self.base.pause(queue, true, by).await
    }

    async fn resume(&self, queue: &str, by: &By) -> Result<()> {
        self.base.pause(queue, false, by).await
    }

    async fn schedules(&self) -> Result<Vec<ScheduleRecord>> {
        self.base.schedules().await
    }

    async fn put_schedule(&self, schedule: &ScheduleRecord, by: &By) -> Result<()> {
        self.base.put_schedule(schedule, by).await
    }

    async fn declared(&self, name: &str, at: Time) -> Result<()> {
        self.base.declared(name, at).await
    }

    async fn remove_schedule(&self, name: &str, by: &By) -> Result<bool> {
        self.base.remove_schedule(name, by).await
    }

    async fn pause_schedule(
        &self,
        name: &str,
        paused: bool,
        next: Option<Time>,
        by: &By,
    ) -> Result<()> {
        self.base.pause_schedule(name, paused, next, by).await
    }

    async fn fire(&self, tick: &Tick) -> Result<Fire> {
        self.base.fire(tick).await
    }

    async fn audit(
        &self,
        by: &By,
        action: &str,
        subject: &str,
        detail: Option<&str>,
    ) -> Result<()> {
        let base = &self.base;
        base.alone(base.note(by, action, subject, detail)).await
    }

    async fn audits(&self, subject: Option<&str>, limit: usize) -> Result<Vec<Audit>> {
        self.base.audits(subject, limit).await
    }

    async fn listen(&self) -> Result<Option<Box<dyn Wake>>> {
        wake::listen(&self.base).await
    }
}
