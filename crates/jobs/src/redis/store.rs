//! The store.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use atlas_redis::{
    Redis, Script,
    redis::{FromRedisValue, Value, cmd},
};

use super::{
    answer::{Fields, text, time},
    fitness,
    operate::operator,
    read, script,
    wake::Listener,
    write::{self, Arguments, push},
};
use crate::{
    Error, Failure, JobId, JobRecord, Result, State, Time,
    store::{
        Audit, By, Claim, Claimed, Edit, Enqueued, Features, Filter, Finish, Fire, Lease, NewJob,
        Page, Pulse, Redrive, Rescued, ScheduleRecord, Stats, Store, Tick, Transactions, Verdict,
        Wake,
    },
};

/// Jobs in Redis. Its clones are the same store, and share the connections of the handle that it was made of.
#[derive(Clone)]
pub struct RedisStore {
    redis: Redis,
    /// What all keys of the store begin with: its hash tag.
    tag: String,
    /// Handles that were opened beside this one.
    asides: Arc<Mutex<Vec<Redis>>>,
}

impl RedisStore {
    /// The store of this Redis under its `redis.prefix`. Nothing is connected yet.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self {
            tag: format!("{{{}}}", redis.key("jobs")),
            redis,
            asides: Arc::default(),
        }
    }

    /// Calls a script. The one key that it is told decides where it runs, and all others begin with it.
    pub(super) async fn call<T: FromRedisValue>(
        &self,
        script: &Script,
        arguments: Arguments,
    ) -> Result<T> {
        let keys = [self.tag.as_str()];
        Ok(self.redis.call(script, &keys, arguments).await?)
    }

    async fn schedule(
        &self,
        what: &str,
        name: &str,
        by: &By,
        with: impl IntoIterator<Item = String>,
    ) -> Result<bool> {
        let mut arguments = Arguments::new();
        push(&mut arguments, what);
        arguments.extend(operator(name, by));
        with.into_iter().for_each(|it| push(&mut arguments, it));
        self.call(&script::SCHEDULE, arguments).await
    }

    async fn set_paused(&self, action: &str, queue: &str, by: &By) -> Result<()> {
        let mut arguments = Arguments::new();
        push(&mut arguments, action);
        arguments.extend(operator(queue, by));
        self.call(&script::PAUSE, arguments).await
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("place", &self.redis.place())
            .finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Store for RedisStore {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn features(&self) -> Features {
        Features {
            durable: true,
            shared: true,
            transactions: Transactions::None,
            push: true,
        }
    }

    async fn prepare(&self) -> Result<()> {
        let answer = self.call(&script::SERVER, Arguments::new()).await?;
        fitness::check(&self.redis, Fields::of(answer)?).await
    }

    async fn ping(&self) -> Result<()> {
        self.now().await.map(drop)
    }

    fn aside(&self) -> Arc<dyn Store> {
        let mut store = self.clone();
        match self.redis.aside() {
            Ok(redis) => {
                let mut asides = self.asides.lock().unwrap_or_else(PoisonError::into_inner);
                asides.push(redis.clone());
                store.redis = redis;
            }
            // it was made of the same configuration as this one
            Err(error) => {
                tracing::error!(%error, "heartbeats share the connections of the service");
            }
        }
        Arc::new(store)
    }

    async fn close(&self) {
        let mut asides = self.asides.lock().unwrap_or_else(PoisonError::into_inner);
        asides.drain(..).for_each(|redis| redis.close());
    }

    async fn now(&self) -> Result<Time> {
        self.call(&script::NOW, Arguments::new()).await.map(time)
    }

    async fn enqueue(&self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
        let mut arguments = Arguments::new();
        write::jobs(&mut arguments, jobs)?;
        read::enqueued(&ids, self.call(&script::ENQUEUE, arguments).await?)
    }

    fn in_transaction(&self) -> bool {
        false
    }

    async fn claim(&self, claim: &Claim) -> Result<Claimed> {
        let mut arguments = Arguments::new();
        push(&mut arguments, &claim.worker);
        push(&mut arguments, write::millis(claim.lease));
        push(&mut arguments, claim.total);
        push(&mut arguments, claim.queues.len());
        for share in &claim.queues {
            push(&mut arguments, &share.queue);
            push(&mut arguments, share.jobs);
        }
        claim.kinds.iter().for_each(|it| push(&mut arguments, it));
        read::claimed(self.call(&script::CLAIM, arguments).await?)
    }

    async fn renew(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Pulse>> {
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        let mut arguments = Arguments::new();
        push(&mut arguments, write::millis(lease));
        arguments.extend(named(leases));
        read::pulses(self.call(&script::RENEW, arguments).await?)
    }

    async fn control(&self, leases: &[Lease]) -> Result<(Vec<Lease>, Vec<String>)> {
        let mut answer = Fields::of(self.call(&script::CONTROL, named(leases)).await?)?;
        let (mut called_off, mut paused) = (Vec::new(), Vec::new());
        let mut places = answer.list()?;
        while let Some(place) = places.number()? {
            let place = usize::try_from(place).ok();
            called_off.extend(place.and_then(|place| leases.get(place)));
        }
        for queue in answer.list()? {
            paused.push(text(queue)?);
        }
        paused.sort_unstable();
        Ok((called_off, paused))
    }

    async fn finish(&self, ends: &[Finish]) -> Result<Vec<Verdict>> {
        if ends.is_empty() {
            return Ok(Vec::new());
        }
        let answers: Vec<bool> = self.call(&script::FINISH, write::ends(ends)?).await?;
        Ok(answers.into_iter().map(read::verdict).collect())
    }

    async fn progress(&self, lease: Lease, progress: &str) -> Result<Verdict> {
        let mut arguments = named(&[lease]);
        push(&mut arguments, progress);
        self.call(&script::PROGRESS, arguments)
            .await
            .map(read::verdict)
    }

    async fn rescue(&self, crash_limit: u32, limit: usize) -> Result<Vec<Rescued>> {
        let mut arguments = Arguments::new();
        push(&mut arguments, crash_limit);
        push(&mut arguments, limit);
        read::rescued(self.call(&script::RESCUE, arguments).await?)
    }

    async fn find(&self, id: JobId) -> Result<Option<JobRecord>> {
        let mut arguments = vec![b"{}".to_vec()];
        push(&mut arguments, id);
        Ok(read::jobs(self.call(&script::FIND, arguments).await?)?.pop())
    }

    async fn failures(&self, id: JobId) -> Result<Vec<Failure>> {
        let key = format!("{}:f:{id}", self.tag);
        let asked = self.redis.run(cmd("LRANGE").arg(key).arg(0).arg(-1)).await;
        let lines: Vec<String> = asked?;
        lines.iter().map(|line| read::failure(line)).collect()
    }

    async fn list(&self, filter: &Filter, page: Page) -> Result<Vec<JobRecord>> {
        self.list_jobs(filter, page).await
    }

    async fn stats(&self, all: bool) -> Result<Stats> {
        read::stats(self.call(&script::STATS, Arguments::new()).await?, all)
    }

    async fn cancel(&self, id: JobId, by: &By) -> Result<State> {
        let state: Option<i64> = self.call(&script::CANCEL, operator(id, by)).await?;
        read::state(state.ok_or(Error::NoSuchJob(id))?)
    }

    async fn retry(&self, id: JobId, by: &By) -> Result<State> {
        self.retry_job(id, by).await
    }

    async fn edit(&self, id: JobId, edit: &Edit, by: &By) -> Result<()> {
        self.edit_job(id, edit, by).await
    }

    async fn redrive(&self, redrive: &Redrive, by: &By) -> Result<u64> {
        self.redrive_jobs(redrive, by).await
    }

    async fn discard(&self, filter: &Filter, limit: usize, by: &By) -> Result<u64> {
        self.discard_jobs(filter, limit, by).await
    }

    async fn prune(&self, state: State, age: Duration, limit: usize) -> Result<u64> {
        self.prune_jobs(state, age, limit).await
    }

    async fn pause(&self, queue: &str, by: &By) -> Result<()> {
        self.set_paused("pause", queue, by).await
    }

    async fn resume(&self, queue: &str, by: &By) -> Result<()> {
        self.set_paused("resume", queue, by).await
    }

    async fn schedules(&self) -> Result<Vec<ScheduleRecord>> {
        read::schedules(self.call(&script::SCHEDULES, Arguments::new()).await?)
    }

    async fn put_schedule(&self, schedule: &ScheduleRecord, by: &By) -> Result<()> {
        let next = write::moment(schedule.next_tick);
        let mut said = schedule.clone();
        // these are kept apart
        (said.paused, said.last_tick, said.next_tick) = (false, None, None);
        said.declared_at = None;
        let said = serde_json::to_string(&said).map_err(write::unwritable)?;
        let declared = write::moment(schedule.declared_at);
        let with = [said, schedule.cron.clone(), next, declared];
        self.schedule("put", &schedule.name, by, with).await?;
        Ok(())
    }

    async fn declared(&self, name: &str, at: Time) -> Result<()> {
        let with = [write::moment(Some(at))];
        self.schedule("declared", name, &By::new("code"), with)
            .await?;
        Ok(())
    }

    async fn remove_schedule(&self, name: &str, by: &By) -> Result<bool> {
        self.schedule("remove", name, by, []).await
    }

    async fn pause_schedule(
        &self,
        name: &str,
        paused: bool,
        next: Option<Time>,
        by: &By,
    ) -> Result<()> {
        let what = if paused { "pause" } else { "resume" };
        match self.schedule(what, name, by, [write::moment(next)]).await? {
            true => Ok(()),
            false => Err(Error::NoSuchSchedule(name.to_owned())),
        }
    }

    async fn fire(&self, tick: &Tick) -> Result<Fire> {
        let mut arguments = Arguments::new();
        push(&mut arguments, &tick.schedule);
        push(&mut arguments, write::moment(Some(tick.expected)));
        push(&mut arguments, write::moment(tick.next));
        write::jobs(&mut arguments, tick.jobs.clone())?;
        Ok(match self.call(&script::FIRE, arguments).await? {
            true => Fire::Fired,
            false => Fire::Missed,
        })
    }

    async fn audit(
        &self,
        by: &By,
        action: &str,
        subject: &str,
        detail: Option<&str>,
    ) -> Result<()> {
        self.note(by, action, subject, detail).await
    }

    async fn audits(&self, subject: Option<&str>, limit: usize) -> Result<Vec<Audit>> {
        let mut arguments = Arguments::new();
        push(&mut arguments, u8::from(subject.is_some()));
        push(&mut arguments, subject.unwrap_or_default());
        push(&mut arguments, limit);
        let answer: Value = self.call(&script::AUDITS, arguments).await?;
        read::audits(answer)
    }

    async fn listen(&self) -> Result<Option<Box<dyn Wake>>> {
        let channel = format!("{}:wake", self.tag);
        let listener = Listener::start(&self.redis, channel).await;
        Ok(Some(Box::new(listener)))
    }
}

/// Leases, as scripts take them.
fn named(leases: &[Lease]) -> Arguments {
    let mut arguments = Arguments::with_capacity(leases.len() * 2);
    for lease in leases {
        push(&mut arguments, lease.job);
        push(&mut arguments, lease.fence);
    }
    arguments
}
