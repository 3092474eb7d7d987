//! The store.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{bell::Bell, core::Core};
use crate::{
    Error, Failure, JobId, JobRecord, Result, State, Time,
    clock::{Clock, SystemClock},
    store::{
        Audit, By, Claim, Claimed, Edit, Enqueued, Features, Filter, Finish, Fire, Lease, NewJob,
        Page, Pulse, Redrive, Rescued, ScheduleRecord, Stats, Store, Tick, Transactions, Verdict,
        Wake,
    },
};

/// Jobs in the memory of this process. Its clones are the same store.
#[derive(Clone)]
pub struct MemoryStore {
    core: Arc<Mutex<Core>>,
    bell: Arc<Bell>,
}

impl MemoryStore {
    /// An empty store with the clock of this machine.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(SystemClock::new())
    }

    /// An empty store with this clock.
    #[must_use]
    pub fn with_clock(clock: impl Clock) -> Self {
        Self {
            core: Arc::new(Mutex::new(Core::new(Box::new(clock)))),
            bell: Arc::default(),
        }
    }

    /// One step, and then the word to those who wait for what it did.
    fn step<T>(&self, step: impl FnOnce(&mut Core) -> T) -> T {
        // a clock may panic, and it is asked before a step changes anything
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = step(&mut core);
        let rings = std::mem::take(&mut core.rings);
        drop(core);
        self.bell.ring(&rings);
        answer
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn features(&self) -> Features {
        Features {
            durable: false,
            shared: false,
            transactions: Transactions::None,
            push: true,
        }
    }

    async fn prepare(&self) -> Result<()> {
        Ok(())
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    fn aside(&self) -> Arc<dyn Store> {
        Arc::new(self.clone())
    }

    async fn now(&self) -> Result<Time> {
        Ok(self.step(Core::now))
    }

    async fn enqueue(&self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>> {
        self.step(|core| core.enqueue(jobs))
    }

    fn in_transaction(&self) -> bool {
        false
    }

    async fn claim(&self, claim: &Claim) -> Result<Claimed> {
        Ok(self.step(|core| core.claim(claim)))
    }

    async fn renew(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Pulse>> {
        Ok(self.step(|core| core.renew(leases, lease)))
    }

    async fn control(&self, leases: &[Lease]) -> Result<(Vec<Lease>, Vec<String>)> {
        Ok(self.step(|core| {
            let paused = core.paused.iter().cloned().collect();
            (core.called_off(leases), paused)
        }))
    }

    async fn finish(&self, ends: &[Finish]) -> Result<Vec<Verdict>> {
        Ok(self.step(|core| core.finish(ends)))
    }

    async fn progress(&self, lease: Lease, progress: &str) -> Result<Verdict> {
        Ok(self.step(|core| core.progress(lease, progress)))
    }

    async fn rescue(&self, crash_limit: u32, limit: usize) -> Result<Vec<Rescued>> {
        Ok(self.step(|core| core.rescue(crash_limit, limit)))
    }

    async fn find(&self, id: JobId) -> Result<Option<JobRecord>> {
        Ok(self.step(|core| core.find(id)))
    }

    async fn failures(&self, id: JobId) -> Result<Vec<Failure>> {
        Ok(self.step(|core| {
            let entry = core.jobs.get(&id);
            entry.map_or_else(Vec::new, |entry| entry.failures.clone())
        }))
    }

    async fn list(&self, filter: &Filter, page: Page) -> Result<Vec<JobRecord>> {
        Ok(self.step(|core| core.list(filter, page)))
    }

    async fn stats(&self, all: bool) -> Result<Stats> {
        Ok(self.step(|core| core.stats(all)))
    }

    async fn cancel(&self, id: JobId, by: &By) -> Result<State> {
        self.step(|core| core.cancel(id, by))
    }

    async fn retry(&self, id: JobId, by: &By) -> Result<State> {
        self.step(|core| core.retry(id, by))
    }

    async fn edit(&self, id: JobId, edit: &Edit, by: &By) -> Result<()> {
        self.step(|core| core.edit(id, edit, by))
    }

    async fn redrive(&self, redrive: &Redrive, by: &By) -> Result<u64> {
        Ok(self.step(|core| core.redrive(redrive, by)))
    }

    async fn discard(&self, filter: &Filter, limit: usize, by: &By) -> Result<u64> {
        Ok(self.step(|core| core.discard(filter, limit, by)))
    }

    async fn prune(&self, state: State, age: Duration, limit: usize) -> Result<u64> {
        if !state.is_terminal() {
            return Err(Error::Invalid(format!(
                "only jobs that are completed, cancelled or dead are pruned, not {state} ones"
            )));
        }
        Ok(self.step(|core| core.prune(state, age, limit)))
    }

    async fn pause(&self, queue: &str, by: &By) -> Result<()> {
        self.step(|core| core.pause(queue, true, by));
        Ok(())
    }

    async fn resume(&self, queue: &str, by: &By) -> Result<()> {
        self.step(|core| core.pause(queue, false, by));
        Ok(())
    }

    async fn schedules(&self) -> Result<Vec<ScheduleRecord>> {
        Ok(self.step(|core| core.schedules.values().cloned().collect()))
    }

    async fn put_schedule(&self, schedule: &ScheduleRecord, by: &By) -> Result<()> {
        self.step(|core| core.put_schedule(schedule, by));
        Ok(())
    }

    async fn declared(&self, name: &str, at: Time) -> Result<()> {
        self.step(|core| core.declared(name, at));
        Ok(())
    }

    async fn remove_schedule(&self, name: &str, by: &By) -> Result<bool> {
        Ok(self.step(|core| core.remove_schedule(name, by)))
    }

    async fn pause_schedule(
        &self,
        name: &str,
        paused: bool,
        next: Option<Time>,
        by: &By,
    ) -> Result<()> {
        self.step(|core| core.pause_schedule(name, paused, next, by))
    }

    async fn fire(&self, tick: &Tick) -> Result<Fire> {
        self.step(|core| core.fire(tick))
    }

    async fn audit(
        &self,
        by: &By,
        action: &str,
        subject: &str,
        detail: Option<&str>,
    ) -> Result<()> {
        self.step(|core| core.note(by, action, subject, detail.map(str::to_owned)));
        Ok(())
    }

    async fn audits(&self, subject: Option<&str>, limit: usize) -> Result<Vec<Audit>> {
        Ok(self.step(|core| core.audits(subject, limit)))
    }

    async fn listen(&self) -> Result<Option<Box<dyn Wake>>> {
        Ok(Some(self.bell.listen()))
    }
}
