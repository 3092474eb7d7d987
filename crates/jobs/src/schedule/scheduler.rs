//! Firing what is due.

use std::{collections::BTreeMap, time::Duration};

use atlas_core::Component;
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
}

impl Component for Scheduler {}

impl Scheduler {
    /// One that enqueues by this client, with the schedules that the code declares.
    #[must_use]
    pub fn new(jobs: Jobs, plan: Plan) -> Self {
        Self { jobs, plan }
    }

    fn store(&self) -> &dyn Store {
        &**self.jobs.store()
    }

    /// Puts the schedules of the code into the store: new and changed ones are written, those that the code no longer
    /// declares are removed. What somebody has paused stays so.
    ///
    /// # Errors
    ///
    /// What the store says; it may be called again.
    pub async fn declare(&self) -> Result<()> {
        let now = self.store().now().await?;
        let mut wanted = BTreeMap::new();
        for schedule in self.plan.iter() {
            let mut record = schedule.record(now)?;
            record.from_code = true;
            wanted.insert(record.name.clone(), record);
        }
        let by = By::new("code");
        for known in self.store().schedules().await? {
            let Some(record) = wanted.get_mut(&known.name) else {
                if known.from_code {
                    self.store().remove_schedule(&known.name, &by).await?;
                }
                continue;
            };
            record.go_on_as(&known);
            if *record == known {
                wanted.remove(&known.name);
            }
        }
        for record in wanted.values() {
            self.store().put_schedule(record, &by).await?;
        }
        Ok(())
    }

    /// [Declares](Self::declare) the schedules of the code, and fires what is due until `stop` is cancelled. While the store
    /// fails it waits longer and longer, up to 30 s, and then goes on where it was.
    pub async fn run(&self, stop: CancellationToken) {
        let (mut declared, mut failures) = (false, 0_u32);
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
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn step(&self, declared: &mut bool) -> Result<Duration> {
        if !*declared {
            self.declare().await?;
            *declared = true;
        }
        self.fire_due().await
    }

    /// Fires what is due by the store's clock, and says how long nothing is: at most a second, since schedules may change.
    /// A schedule that cannot fire is logged, and holds no other up.
    ///
    /// # Errors
    ///
    /// What the store says; it may be called again, and nothing fires twice.
    pub async fn fire_due(&self) -> Result<Duration> {
        let now = self.store().now().await?;
        let mut wait = POLL;
        for record in self.store().schedules().await? {
            let Some(due) = record.next_tick.filter(|_| !record.paused) else {
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
            tracing::debug!(schedule = record.name, tick = %due, jobs = tick.jobs.len(), "a schedule fired");
        }
        Ok(next)
    }

    /// The job of a tick; none if it is refused, as by a hook: the schedule goes on with the tick after it.
    async fn job(&self, record: &ScheduleRecord, tick: Time) -> Result<Option<NewJob>> {
        let mut job = draft(&self.jobs, &self.plan, record).id(id_of(&record.name, tick));
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

/// The job of a schedule, not enqueued yet.
pub(super) fn draft<'a>(jobs: &'a Jobs, plan: &Plan, record: &ScheduleRecord) -> Enqueue<'a> {
    let job = jobs
        .enqueue_raw(&record.kind, record.payload.clone().into_bytes())
        .options(plan.options(record))
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
