//! A store that lets its process die at the steps around it.

use std::{sync::Arc, time::Duration};

use atlas_jobs::{
    Failure, JobId, JobRecord, Result, State, Time,
    store::{
        Audit, By, Claim, Claimed, Edit, Enqueued, Features, Filter, Finish, Fire, Lease, NewJob,
        Page, Pulse, Redrive, Rescued, ScheduleRecord, Stats, Store, Tick, Verdict, Wake,
    },
};

use crate::failpoint::reach;

/// A store around another one, with the steps `enqueue.before`, `enqueue.after`, `claim.after`, `finish.before`,
/// `finish.after`, `rescue.after`, `fire.before` and `fire.after` of [`failpoint`](crate::failpoint).
pub struct Failing(pub Arc<dyn Store>);

#[async_trait::async_trait]
impl Store for Failing {
    async fn enqueue(&self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>> {
        reach("enqueue.before");
        let enqueued = self.0.enqueue(jobs).await?;
        reach("enqueue.after");
        Ok(enqueued)
    }

    fn in_transaction(&self) -> bool {
        self.0.in_transaction()
    }

    async fn claim(&self, claim: &Claim) -> Result<Claimed> {
        let claimed = self.0.claim(claim).await?;
        if !claimed.jobs.is_empty() {
            reach("claim.after");
        }
        Ok(claimed)
    }

    async fn finish(&self, ends: &[Finish]) -> Result<Vec<Verdict>> {
        reach("finish.before");
        let verdicts = self.0.finish(ends).await?;
        reach("finish.after");
        Ok(verdicts)
    }

    async fn rescue(&self, crash_limit: u32, limit: usize) -> Result<Vec<Rescued>> {
        let rescued = self.0.rescue(crash_limit, limit).await?;
        if !rescued.is_empty() {
            reach("rescue.after");
        }
        Ok(rescued)
    }

    async fn fire(&self, tick: &Tick) -> Result<Fire> {
        reach("fire.before");
        let fire = self.0.fire(tick).await?;
        reach("fire.after");
        Ok(fire)
    }

    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn features(&self) -> Features {
        self.0.features()
    }

    async fn prepare(&self) -> Result<()> {
        self.0.prepare().await
    }

    async fn ping(&self) -> Result<()> {
        self.0.ping().await
    }

    async fn after_commit(&self, then: Box<dyn FnOnce() + Send>) {
        self.0.after_commit(then).await;
    }

    fn aside(&self) -> Arc<dyn Store> {
        self.0.aside()
    }

    async fn close(&self) {
        self.0.close().await;
    }

    async fn now(&self) -> Result<Time> {
        self.0.now().await
    }

    async fn renew(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Pulse>> {
        self.0.renew(leases, lease).await
    }

    async fn control(&self, leases: &[Lease]) -> Result<(Vec<Lease>, Vec<String>)> {
        self.0.control(leases).await
    }

    async fn progress(&self, lease: Lease, progress: &str) -> Result<Verdict> {
        self.0.progress(lease, progress).await
    }

    async fn find(&self, id: JobId) -> Result<Option<JobRecord>> {
        self.0.find(id).await
    }

    async fn failures(&self, id: JobId) -> Result<Vec<Failure>> {
        self.0.failures(id).await
    }

    async fn list(&self, filter: &Filter, page: Page) -> Result<Vec<JobRecord>> {
        self.0.list(filter, page).await
    }

    async fn stats(&self, all: bool) -> Result<Stats> {
        self.0.stats(all).await
    }

    async fn cancel(&self, id: JobId, by: &By) -> Result<State> {
        self.0.cancel(id, by).await
    }

    async fn retry(&self, id: JobId, by: &By) -> Result<State> {
        self.0.retry(id, by).await
    }

    async fn edit(&self, id: JobId, edit: &Edit, by: &By) -> Result<()> {
        self.0.edit(id, edit, by).await
    }

    async fn redrive(&self, redrive: &Redrive, by: &By) -> Result<u64> {
        self.0.redrive(redrive, by).await
    }

    async fn discard(&self, filter: &Filter, limit: usize, by: &By) -> Result<u64> {
        self.0.discard(filter, limit, by).await
    }

    async fn prune(&self, state: State, age: Duration, limit: usize) -> Result<u64> {
        self.0.prune(state, age, limit).await
    }

    async fn pause(&self, queue: &str, by: &By) -> Result<()> {
        self.0.pause(queue, by).await
    }

    async fn resume(&self, queue: &str, by: &By) -> Result<()> {
        self.0.resume(queue, by).await
    }

    async fn schedules(&self) -> Result<Vec<ScheduleRecord>> {
        self.0.schedules().await
    }

    async fn put_schedule(&self, schedule: &ScheduleRecord, by: &By) -> Result<()> {
        self.0.put_schedule(schedule, by).await
    }

    async fn declared(&self, name: &str, at: Time) -> Result<()> {
        self.0.declared(name, at).await
    }

    async fn remove_schedule(&self, name: &str, by: &By) -> Result<bool> {
        self.0.remove_schedule(name, by).await
    }

    async fn pause_schedule(
        &self,
        name: &str,
        paused: bool,
        next: Option<Time>,
        by: &By,
    ) -> Result<()> {
        self.0.pause_schedule(name, paused, next, by).await
    }

    async fn audit(
        &self,
        by: &By,
        action: &str,
        subject: &str,
        detail: Option<&str>,
    ) -> Result<()> {
        self.0.audit(by, action, subject, detail).await
    }

    async fn audits(&self, subject: Option<&str>, limit: usize) -> Result<Vec<Audit>> {
        self.0.audits(subject, limit).await
    }

    async fn listen(&self) -> Result<Option<Box<dyn Wake>>> {
        self.0.listen().await
    }
}
