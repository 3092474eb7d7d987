//! One job in memory.

use std::time::Duration;

use crate::{
    Failure, JobId, JobRecord, Limit, Priority, State, Time, Until,
    clock::{kept, later},
    store::{NewJob, Run},
};

/// One job in memory.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) record: JobRecord,
    pub(super) failures: Vec<Failure>,
    /// What one level of priority counts for.
    pub(super) ageing: Duration,
    /// How long it may be retried, from its beginning.
    pub(super) max_age: Option<Duration>,
    /// The key that it holds, or held and takes again when it begins anew.
    pub(super) unique: Option<Held>,
}

/// A unique key of a job.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) key: String,
    pub(super) until: Until,
    /// When its window ends.
    pub(super) ends: Option<Time>,
}

impl Entry {
    /// A new job, at this time.
    pub(super) fn new(job: NewJob, now: Time) -> Self {
        let run_at = run_at(job.run, now);
        let unique = job.unique.map(|unique| Held {
            ends: match unique.until {
                Until::Window(window) => Some(later(now, window)),
                _ => None,
            },
            key: unique.key,
            until: unique.until,
        });
        Self {
            failures: Vec::new(),
            ageing: job.ageing,
            max_age: job.max_age,
            record: JobRecord {
                id: job.id,
                kind: job.kind,
                queue: job.queue,
                state: waiting(run_at, now),
                priority: job.priority,
                payload: job.payload,
                attempt: 0,
                max_attempts: job.max_attempts,
                crashes: 0,
                snoozes: 0,
                fence: 0,
                created_at: now,
                run_at,
                started_at: None,
                finished_at: None,
                lease_until: None,
                worker: None,
                timeout: job.timeout,
                expires_at: job.max_age.map(|age| later(now, age)),
                reason: None,
                cancel_requested: false,
                progress: None,
                unique_key: unique.as_ref().map(|held| held.key.clone()),
                limit: job.limit,
                trace: job.trace,
                actor: job.actor,
                schedule: job.schedule,
            },
            unique,
        }
    }

    pub(super) fn id(&self) -> JobId {
        self.record.id
    }

    /// Where it stands among those that wait for a worker: lower comes first.
    pub(super) fn place(&self) -> Place {
        let level = i64::from(Priority::level(self.record.priority));
        let ageing = i64::try_from(self.ageing.as_millis()).unwrap_or(i64::MAX);
        let run_at = self.record.run_at.timestamp_millis();
        let rank = run_at.saturating_add(level.saturating_mul(ageing));
        (rank, self.record.id)
    }

    /// Its limit, as lanes are told apart.
    pub(super) fn limit(&self) -> Option<&Limit> {
        self.record.limit.as_ref()
    }

    /// Waits from now on, until this time.
    pub(super) fn wait_until(&mut self, run_at: Time, now: Time) {
        self.record.run_at = run_at;
        self.record.state = waiting(run_at, now);
        self.record.lease_until = None;
    }

    /// Is available at once, where it stood before.
    pub(super) fn hand_back(&mut self) {
        self.record.state = State::Available;
        self.record.lease_until = None;
    }

    /// Ends in this state.
    pub(super) fn end(&mut self, state: State, now: Time) {
        self.record.state = state;
        self.record.finished_at = Some(now);
        self.record.lease_until = None;
    }

    /// Begins anew, at this time, with no attempts and crashes.
    pub(super) fn begin_anew(&mut self, run_at: Time, now: Time) {
        let record = &mut self.record;
        record.attempt = 0;
        record.crashes = 0;
        record.snoozes = 0;
        record.reason = None;
        record.finished_at = None;
        record.cancel_requested = false;
        record.expires_at = self.max_age.map(|age| later(run_at, age));
        self.wait_until(run_at, now);
    }

    /// Whether its key is free in the state that it is in now.
    pub(super) fn lets_go(&self, now: Time) -> bool {
        let Some(held) = &self.unique else {
            return false;
        };
        match held.until {
            Until::Started => self.record.attempt > 0 || self.ended(),
            Until::Finished => self.ended(),
            Until::Window(_) => held.ends.is_some_and(|ends| ends <= now),
        }
    }

    /// As it is shown: with the key that it holds at this time.
    pub(super) fn shown(&self, now: Time) -> JobRecord {
        let mut record = self.record.clone();
        if self.lets_go(now) {
            record.unique_key = None;
        }
        record
    }

    fn ended(&self) -> bool {
        self.record.state.is_terminal()
    }
}

/// The rank of a job, and its name where two have the same.
pub(super) type Place = (i64, JobId);

/// When a job may run that is enqueued now.
pub(super) fn run_at(run: Run, now: Time) -> Time {
    match run {
        Run::Now => now,
        Run::In(wait) => later(now, wait),
        Run::At(time) => kept(time).max(now),
    }
}

/// The state of a job that waits until then.
fn waiting(run_at: Time, now: Time) -> State {
    match run_at <= now {
        true => State::Available,
        false => State::Scheduled,
    }
}
