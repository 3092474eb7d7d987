//! What operators do.

use std::{fmt, time::Duration};

use super::{bell::Ring, core::Core};
use crate::{
    Error, JobId, Result, State, Time, Until,
    clock::{earlier, later},
    store::{By, Edit, Filter, Redrive},
};

impl Core {
    /// Calls a job off.
    pub(super) fn cancel(&mut self, id: JobId, by: &By) -> Result<State> {
        let now = self.now();
        let state = self.entry(id)?.record.state;
        match state {
            State::Scheduled | State::Available => {
                self.change(id, now, |entry| entry.end(State::Cancelled, now));
            }
            State::Running => {
                self.change(id, now, |entry| entry.record.cancel_requested = true);
                self.rings.insert(Ring::Control);
            }
            State::Completed | State::Cancelled | State::Dead => return Ok(state),
        }
        self.note(by, "cancel", id, None);
        Ok(state)
    }

    /// Makes a job available at once.
    pub(super) fn retry(&mut self, id: JobId, by: &By) -> Result<State> {
        let now = self.now();
        let state = self.entry(id)?.record.state;
        match state {
            State::Scheduled => {
                self.change(id, now, |entry| entry.wait_until(now, now));
            }
            State::Cancelled | State::Dead => {
                if let Some(holder) = self.begin_anew(id, now, now) {
                    return Err(Error::Invalid(format!(
                        "job `{holder}` holds the unique key of job `{id}`: wait until it is finished, or cancel it"
                    )));
                }
            }
            State::Available | State::Running | State::Completed => return Ok(state),
        }
        self.note(by, "retry", id, None);
        Ok(state)
    }

    /// Lets a terminal job begin anew, unless another one holds its key: then says which.
    fn begin_anew(&mut self, id: JobId, run_at: Time, now: Time) -> Option<JobId> {
        let unique = self.jobs.get(&id)?.unique.clone();
        // a window is over when it is over, and until then the job has never let go
        let unique = unique.filter(|held| !matches!(held.until, Until::Window(_)));
        let key = unique.map(|held| held.key);
        if let Some(key) = &key
            && let Some(holder) = self.holder(key, now)
        {
            return Some(holder);
        }
        self.change(id, now, |entry| {
            entry.begin_anew(run_at, now);
            if key.is_some() {
                entry.record.unique_key.clone_from(&key);
            }
        });
        self.keys.extend(key.map(|key| (key, id)));
        None
    }

    /// Changes a job that waits or is dead.
    pub(super) fn edit(&mut self, id: JobId, edit: &Edit, by: &By) -> Result<()> {
        let now = self.now();
        let state = self.entry(id)?.record.state;
        let hint = match state {
            State::Scheduled | State::Available | State::Dead => None,
            State::Running => Some("wait until it is through, or cancel it"),
            State::Completed => Some("it is done: enqueue a new job instead"),
            State::Cancelled => Some("retry it, then it can be changed while it waits"),
        };
        if let Some(hint) = hint {
            return Err(Error::WrongState { id, state, hint });
        }
        self.change(id, now, |entry| {
            let record = &mut entry.record;
            if let Some(payload) = &edit.payload {
                record.payload.clone_from(payload);
            }
            if let Some(attempts) = edit.max_attempts {
                record.max_attempts = attempts.max(1);
            }
            if let Some(queue) = &edit.queue {
                record.queue.clone_from(queue);
            }
        });
        self.note(by, "edit", id, None);
        Ok(())
    }

    /// Brings dead jobs back.
    pub(super) fn redrive(&mut self, redrive: &Redrive, by: &By) -> u64 {
        let now = self.now();
        // more than are wanted: those whose key is held stay
        let dead = self.terminal(&[State::Dead], &redrive.filter, usize::MAX);
        let (mut count, mut run_at) = (0, now);
        for id in dead {
            if count as usize == redrive.limit {
                break;
            }
            if self.begin_anew(id, run_at, now).is_none() {
                count += 1;
                run_at = later(run_at, redrive.spacing);
            }
        }
        self.note_many(by, "redrive", &redrive.filter, count);
        count
    }

    /// Drops terminal jobs.
    pub(super) fn discard(&mut self, filter: &Filter, limit: usize, by: &By) -> u64 {
        let terminal = [State::Completed, State::Cancelled, State::Dead];
        let met = self.terminal(&terminal, filter, limit);
        for id in &met {
            self.remove(*id);
        }
        self.note_many(by, "drop", filter, met.len() as u64);
        met.len() as u64
    }

    /// Drops terminal jobs that are older than they are kept.
    pub(super) fn prune(&mut self, state: State, age: Duration, limit: usize) -> u64 {
        let before = earlier(self.now(), age);
        let jobs = self.index.finished(state);
        let old = jobs.take_while(|(end, _)| *end < before).take(limit);
        let old: Vec<JobId> = old.map(|(_, id)| id).collect();
        for id in &old {
            self.remove(*id);
        }
        old.len() as u64
    }

    /// Pauses a queue, or lets it go on.
    pub(super) fn pause(&mut self, queue: &str, paused: bool, by: &By) {
        let (changed, action) = match paused {
            true => (self.paused.insert(queue.to_owned()), "pause"),
            false => (self.paused.remove(queue), "resume"),
        };
        if !changed {
            return;
        }
        self.rings.insert(Ring::Control);
        if !paused {
            self.rings.insert(Ring::Work(queue.to_owned()));
        }
        self.note(by, action, queue, None);
    }

    /// Notes what was done to all jobs that a filter met: of one job under its name.
    fn note_many(&mut self, by: &By, action: &str, filter: &Filter, count: u64) {
        let subject: &dyn fmt::Display = match (filter.ids.as_deref(), &filter.queue) {
            (Some([id]), _) => id,
            (_, Some(queue)) => queue,
            _ => &"jobs",
        };
        self.note(by, action, subject, Some(format!("{count} jobs")));
    }
}
