//! A job as it lies in the table.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    JobId, Limit, OnConflict, Priority, Time, Until,
    store::{NewJob, Run, UniqueKey},
};

/// A job on its way to another store.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Letter {
    id: JobId,
    kind: String,
    queue: String,
    priority: Priority,
    ageing: Duration,
    payload: Vec<u8>,
    max_attempts: u32,
    run: When,
    timeout: Option<Duration>,
    max_age: Option<Duration>,
    unique: Option<(String, Until, OnConflict)>,
    limit: Option<Limit>,
    trace: Option<String>,
    actor: Option<String>,
    schedule: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
enum When {
    Now,
    In(Duration),
    At(Time),
}

impl Letter {
    /// What lies in the table of a job.
    pub(super) fn of(job: &NewJob) -> Self {
        let job = job.clone();
        Self {
            id: job.id,
            kind: job.kind,
            queue: job.queue,
            priority: job.priority,
            ageing: job.ageing,
            payload: job.payload,
            max_attempts: job.max_attempts,
            run: match job.run {
                Run::Now => When::Now,
                Run::In(wait) => When::In(wait),
                Run::At(at) => When::At(at),
            },
            timeout: job.timeout,
            max_age: job.max_age,
            unique: job.unique.map(|it| (it.key, it.until, it.on_conflict)),
            limit: job.limit,
            trace: job.trace,
            actor: job.actor,
            schedule: job.schedule,
        }
    }

    /// The job, which has lain in the table for so long.
    pub(super) fn open(self, lain: Duration) -> NewJob {
        NewJob {
            id: self.id,
            kind: self.kind,
            queue: self.queue,
            priority: self.priority,
            ageing: self.ageing,
            payload: self.payload,
            max_attempts: self.max_attempts,
            run: match self.run {
                When::Now => Run::Now,
                When::In(wait) => Run::In(wait.saturating_sub(lain)),
                When::At(at) => Run::At(at),
            },
            timeout: self.timeout,
            max_age: self.max_age.map(|age| age.saturating_sub(lain)),
            unique: self.unique.map(|(key, until, on_conflict)| UniqueKey {
                key,
                until,
                on_conflict,
            }),
            limit: self.limit,
            trace: self.trace,
            actor: self.actor,
            schedule: self.schedule,
        }
    }
}
