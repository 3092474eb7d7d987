//! Firing what is due.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use atlas_core::Component;
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use uuid::Builder;

use super::{Cron, Plan};
use crate::{
    Enqueue, JobId, Jobs, Result, Time,
    clock::{between, earlier, later},
    store::{By, Fire, Misfire, NewJob, ScheduleRecord, Store, Tick},
};

/// How often the store is asked for changes.
const POLL: Duration = Duration::from_secs(1);
/// How often a process says that its code still declares its schedules.
const RENEWAL: Duration = Duration::from_secs(60);
/// A declaration that nobody has renewed for so long is that of no process any more.
const SILENCE: Duration = Duration::from_secs(5 * 60);
/// A schedule of the code that no process has declared for so long is removed.
pub(super) const ABANDONED: Duration = Duration::from_secs(60 * 60);
/// How long a store that fails is left alone at most.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A tick that fires later than this was missed.
const GRACE: Duration = Duration::from_secs(5);
/// The most jobs that a schedule gets for ticks that were missed.
const MOST: usize = 1_000;

/// Fires schedules: a component. Every process may run one: which of them fires a tick, the store decides, and it fires
/// once.
#[derive(Clone)]
pub struct Scheduler {
    jobs: Jobs,
    plan: Plan,
    changed: Arc<Notify>,
}

impl Component for Scheduler {}

impl Scheduler {
    /// One that enqueues by this client, with the schedules that the code declares.
    #[must_use]
    pub fn new(jobs: Jobs, plan: Plan) -> Self {
        Self {
            jobs,
            plan,
            changed: Arc::default(),
        }
    }

    fn store(&self) -> &dyn Store {
        &**self.jobs.store()
    }

    /// Puts the schedules of the code into the store, as a process does that begins: new and changed ones are written. What
    /// somebody has paused stays so.
    ///
    /// Those of the store that the code does not declare stay while the code of another process does: an older or a newer
    /// version may run beside this one. When nobody has declared one for an hour, it is removed.
    ///
    /// # Errors
    ///
    /// What the store says; it may be called again.
    pub async fn declare(&self) -> Result<()> {
        self.say(true).await
    }

    /// Says that the code of this process still declares its schedules, as [`run`](Self::run) does once a minute. What the
    /// store has otherwise is written only when no process that said so has been there for five minutes: of two versions
    /// that run side by side, the one that began last holds, and of all, the one that is left.
    ///
    /// # Errors
    ///
    /// What the store says; it may be called again.
    pub async fn renew(&self) -> Result<()> {
        self.say(false).await
    }

    async fn say(&self, begins: bool) -> Result<()> {
        let store = self.store();
        let now = store.now().await?;
        let mut wanted = BTreeMap::new();
        for schedule in self.plan.iter() {
            let mut record = schedule.record(now)?;
            record.from_code = true;
            wanted.insert(record.name.clone(), record);
        }
        let by = By::new("code");
        for known in store.schedules().await? {
            let Some(mut record) = wanted.remove(&known.name) else {
                if known.from_code && age(&known, now) >= ABANDONED {
                    store.remove_schedule(&known.name, &by).await?;
                }
                continue;
            };
            record.go_on_as(&known);
            if record.says_the_same_as(&known) {
                if age(&known, now) >= RENEWAL / 2 {
                    store.declared(&known.name, now).await?;
                }
            } else if begins || !is_declared(&known, now) {
                record.declared_at = Some(now);
                store.put_schedule(&record, &by).await?;
            }
        }
        for mut record in wanted.into_values() {
            record.declared_at = Some(now);
            store.put_schedule(&record, &by).await?;
        }
        Ok(())
    }

    /// [Declares](Self::declare) the schedules of the code and [says again](Self::renew) that it does, and fires what is due
    /// until `stop` is cancelled. While the store fails it waits longer and longer, up to 30 s, and then goes on where it
    /// was.
    pub async fn run(&self, stop: CancellationToken) {
        let (mut declared, mut failures) = (None, 0_u32);
        while !stop.is_cancelled() {
            let wait = match self.step(&mut declared).await {
                Ok(wait) => {
                    failures = 0;
                    wait
                }
                Err(error) => {
                    tracing::warn!(%error, "the schedules cannot be read or fired");
                    failures = failures.saturating_add(1);
                    (POLL * 2_u32.saturating_pow(failures.min(5))).min(LONGEST_WAIT)
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(wait) => {}
                // a store that is down is not asked sooner because it rings
                () = self.changed.notified(), if failures == 0 => {}
            }
        }
    }

    /// Lets [`run`](Self::run) look at the schedules now, rather than within a second: somebody may have changed one. A
    /// [`Worker`](crate::Worker::scheduler) does so when the store tells it.
    pub fn look(&self) {
        self.changed.notify_one();
    }

    async fn step(&self, declared: &mut Option<Instant>) -> Result<Duration> {
        match declared {
            None => self.declare().await?,
            Some(at) if at.elapsed() >= RENEWAL => self.renew().await?,
            Some(_) => return self.fire_due().await,
        }
        *declared = Some(Instant::now());
        self.fire_due().await
    }

    /// Fires what is due by the store's clock, and says how long nothing is: at most a second, since schedules may change.
    /// A schedule that cannot fire is logged, and holds no other up. One that is declared by the code of other processes
    /// only is left to them: they have the handler of its job.
    ///
    /// # Errors
    ///
    /// What the store says; it may be called again, and nothing fires twice.
    pub async fn fire_due(&self) -> Result<Duration> {
        let now = self.store().now().await?;
        let mut wait = POLL;
        for record in self.store().schedules().await? {
            let Some(due) = record.next_tick.filter(|_| self.is_ours(&record)) else {
                continue;
            };
            if due > now {
                wait = wait.min(between(now, due));
                continue;
            }
            match self.fire(&record, due, now).await {
                Ok(Some(next)) => wait = wait.min(between(now, next)),
                Ok(None) => {}
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => {
                    tracing::error!(schedule = record.name, %error, "a schedule cannot fire");
                }
            }
        }
        Ok(wait)
    }

    fn is_ours(&self, record: &ScheduleRecord) -> bool {
        !record.paused && (!record.from_code || self.plan.declares(&record.name))
    }

    /// Fires one schedule, and says when it is due again.
    async fn fire(&self, record: &ScheduleRecord, due: Time, now: Time) -> Result<Option<Time>> {
        let cron = Cron::new(&record.cron, &record.zone)?;
        let next = cron.after(now);
        let mut jobs = Vec::new();
        for tick in ticks(&cron, record.misfire, due, now) {
            jobs.extend(self.job(record, tick).await?);
        }
        let tick = Tick {
            schedule: record.name.clone(),
            expected: due,
            next,
            jobs,
        };
        if self.store().fire(&tick).await? == Fire::Fired {
            self.jobs.fired(&tick.jobs);
            tracing::debug!(schedule = record.name, tick = %due, jobs = tick.jobs.len(), "a schedule fired");
        }
        Ok(next)
    }

    /// The job of a tick; none if it is refused, as by a hook: the schedule goes on with the tick after it.
    async fn job(&self, record: &ScheduleRecord, tick: Time) -> Result<Option<NewJob>> {
        let mut job = draft(&self.jobs, record).id(id_of(&record.name, tick));
        if record.jitter_ms > 0 {
            let delay = Duration::from_millis(fastrand::u64(0..=record.jitter_ms));
            job = job.at(later(tick, delay));
        }
        match job.prepare().await {
            Ok(job) => Ok(Some(job)),
            Err(error) if error.is_transient() => Err(error),
            Err(error) => {
                tracing::error!(schedule = record.name, %tick, %error, "a tick has no job");
                Ok(None)
            }
        }
    }
}

/// How long ago a process was there that declares this schedule.
fn age(record: &ScheduleRecord, now: Time) -> Duration {
    record
        .declared_at
        .map_or(Duration::MAX, |at| between(at, now))
}

/// Says whether a process may be there whose code says just what this record does.
pub(super) fn is_declared(record: &ScheduleRecord, now: Time) -> bool {
    record.from_code && age(record, now) < SILENCE
}

/// The job of a schedule, not enqueued yet.
pub(super) fn draft<'a>(jobs: &'a Jobs, record: &ScheduleRecord) -> Enqueue<'a> {
    let job = jobs
        .enqueue_raw(&record.kind, record.payload.clone().into_bytes())
        .options(record.options.clone())
        .schedule(&record.name);
    match &record.queue {
        Some(queue) => job.queue(queue),
        None => job,
    }
}

/// The ticks that get a job, of those from `due` to `now`.
fn ticks(cron: &Cron, misfire: Misfire, due: Time, now: Time) -> Vec<Time> {
    let fresh = earlier(now, GRACE);
    let all = |first: Option<Time>| {
        std::iter::successors(first, |tick| cron.after(*tick))
            .take_while(|tick| *tick <= now)
            .take(MOST)
            .collect()
    };
    match misfire {
        _ if due >= fresh => all(Some(due)),
        Misfire::Skip => all(cron.after(fresh)),
        Misfire::Once => vec![cron.until(now).map_or(due, |last| last.max(due))],
        Misfire::All => all(Some(due)),
    }
}

/// The job of a tick: the same name whoever fires it, so that it is enqueued once.
fn id_of(schedule: &str, tick: Time) -> JobId {
    let millis = tick.timestamp_millis();
    let bytes = schedule.bytes().chain(millis.to_be_bytes());
    // FNV-1a
    let hash = bytes.fold(
        0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128,
        |hash, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        },
    );
    let mut random = [0; 10];
    random.copy_from_slice(&hash.to_be_bytes()[6..]);
    let millis = u64::try_from(millis).unwrap_or_default();
    JobId::from_uuid(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}
