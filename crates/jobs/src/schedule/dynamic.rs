//! Schedules that are made and changed at run time.

use atlas_core::Component;

use super::{
    Cron, Plan, Schedule, plan,
    scheduler::{ABANDONED, draft, is_declared},
};
use crate::{
    Error, Handler, Handlers, JobId, Jobs, Result, Time,
    store::{By, ScheduleRecord, Store},
};

/// Adds, changes, pauses and removes schedules while services run: a component. Schedulers are told, or notice within a
/// second, and the store keeps an audit of who did what.
#[derive(Clone)]
pub struct Schedules {
    jobs: Jobs,
    plan: Plan,
    handlers: Handlers,
}

impl Component for Schedules {}

impl Schedules {
    /// Those of this client's store, beside those that the code declares.
    #[must_use]
    pub fn new(jobs: Jobs, plan: Plan, handlers: Handlers) -> Self {
        Self {
            jobs,
            plan,
            handlers,
        }
    }

    fn store(&self) -> &dyn Store {
        &**self.jobs.store()
    }

    /// Adds a schedule, or changes the one of that name that was added at run time. Unless its expression or its zone
    /// changes, its next tick stays.
    ///
    /// # Errors
    ///
    /// [`Invalid`](Error::Invalid) for one that cannot be, whose name the code has taken, whose kind of job nobody here
    /// can run, or whose payload that handler cannot read; else what the store says.
    pub async fn put(&self, schedule: &Schedule, by: &By) -> Result<()> {
        let kind = schedule.kind();
        let Some(handler) = self.handlers.get(kind) else {
            return Err(Error::Invalid(format!(
                "schedule `{}`: no handler here is for jobs of the kind `{kind}`: {}",
                schedule.name(),
                plan::hint(kind, &self.handlers)
            )));
        };
        self.keep(schedule, by, Some(handler)).await
    }

    /// As [`put`](Self::put), also for jobs of a kind that this service has no handler for: another one runs them.
    ///
    /// # Errors
    ///
    /// Those of [`put`](Self::put), except those of the kind and its payload.
    pub async fn put_anyway(&self, schedule: &Schedule, by: &By) -> Result<()> {
        self.keep(schedule, by, None).await
    }

    async fn keep(&self, schedule: &Schedule, by: &By, handler: Option<&Handler>) -> Result<()> {
        let mut record = schedule.record(self.store().now().await?)?;
        match self.find(&record.name).await {
            Ok(known) if self.is_of_code(&known).await? => {
                let name = record.name;
                return Err(Error::Invalid(format!(
                    "the code declares the schedule `{name}`: change it there, or choose another name"
                )));
            }
            Ok(known) => record.go_on_as(&known),
            Err(Error::NoSuchSchedule(_)) => {}
            Err(error) => return Err(error),
        }
        // a job that is too large, or that a hook refuses, is refused now rather than at each tick
        draft(&self.jobs, &record).prepare().await?;
        if let Some(handler) = handler {
            // each of its jobs would be dead at once
            let read = handler.reads(&record.kind, record.payload.as_bytes());
            read.map_err(|error| {
                let ScheduleRecord { name, kind, .. } = &record;
                Error::Invalid(format!(
                    "schedule `{name}`: the payload is not what a `{kind}` takes: {error}"
                ))
            })?;
        }
        self.store().put_schedule(&record, by).await
    }

    /// Removes a schedule that was added at run time, or one whose code is gone everywhere. Says whether it was there.
    ///
    /// # Errors
    ///
    /// [`Invalid`](Error::Invalid) for one that the code of a process still declares: it would be back with the next start.
    /// [Pause](Self::pause) it. Else what the store says.
    pub async fn remove(&self, name: &str, by: &By) -> Result<bool> {
        match self.find(name).await {
            Ok(known) if self.is_of_code(&known).await? => Err(Error::Invalid(format!(
                "the code declares the schedule `{name}`: pause it, or take it out of the code; it is gone by itself \
                 when no process has declared it for {} minutes",
                ABANDONED.as_secs() / 60
            ))),
            Ok(_) => self.store().remove_schedule(name, by).await,
            Err(Error::NoSuchSchedule(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Says whether the code of this process, or of one that was there lately, declares this schedule.
    async fn is_of_code(&self, record: &ScheduleRecord) -> Result<bool> {
        if !record.from_code || self.plan.declares(&record.name) {
            return Ok(record.from_code);
        }
        Ok(is_declared(record, self.store().now().await?))
    }

    /// Pauses a schedule.
    ///
    /// # Errors
    ///
    /// [`NoSuchSchedule`](Error::NoSuchSchedule); else what the store says.
    pub async fn pause(&self, name: &str, by: &By) -> Result<()> {
        self.store().pause_schedule(name, true, None, by).await
    }

    /// Lets a schedule go on with its first tick after now: what came meanwhile is left out.
    ///
    /// # Errors
    ///
    /// [`NoSuchSchedule`](Error::NoSuchSchedule); else what the store says.
    pub async fn resume(&self, name: &str, by: &By) -> Result<()> {
        let next = self.next(name, 1).await?;
        self.store()
            .pause_schedule(name, false, next.first().copied(), by)
            .await
    }

    /// Enqueues the job of a schedule now, also of a paused one, without its jitter. Its next tick stays. If the job is
    /// unique and there is one already, that is the one which is returned.
    ///
    /// # Errors
    ///
    /// [`NoSuchSchedule`](Error::NoSuchSchedule); else what the store says.
    pub async fn run_now(&self, name: &str, by: &By) -> Result<JobId> {
        let record = self.find(name).await?;
        let enqueued = draft(&self.jobs, &record).await?;
        let id = enqueued.id();
        self.store()
            .audit(by, "schedule.run", name, Some(&id.to_string()))
            .await?;
        Ok(id)
    }

    /// All schedules, by name.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub async fn list(&self) -> Result<Vec<ScheduleRecord>> {
        self.store().schedules().await
    }

    /// The next times of a schedule, as many as `count`, whether it is paused or not.
    ///
    /// # Errors
    ///
    /// [`NoSuchSchedule`](Error::NoSuchSchedule); else what the store says.
    pub async fn next(&self, name: &str, count: usize) -> Result<Vec<Time>> {
        let record = self.find(name).await?;
        let cron = Cron::new(&record.cron, &record.zone)?;
        let first = cron.after(self.store().now().await?);
        Ok(std::iter::successors(first, |tick| cron.after(*tick))
            .take(count)
            .collect())
    }

    async fn find(&self, name: &str) -> Result<ScheduleRecord> {
        let all = self.store().schedules().await?;
        let found = all.into_iter().find(|it| it.name == name);
        found.ok_or_else(|| Error::NoSuchSchedule(name.to_owned()))
    }
}
