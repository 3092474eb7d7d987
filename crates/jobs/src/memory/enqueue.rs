//! What goes in.

use super::{
    core::Core,
    entry::{Entry, run_at},
};
use crate::{
    Error, OnConflict, Result, State, Time,
    store::{Enqueued, NewJob, UniqueKey},
};

/// The longest unique key, in bytes.
const LONGEST_KEY: usize = 255;

impl Core {
    /// Adds jobs, all or none.
    pub(super) fn enqueue(&mut self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>> {
        for unique in jobs.iter().filter_map(|job| job.unique.as_ref()) {
            check_key(&unique.key)?;
        }
        let now = self.now();
        Ok(jobs.into_iter().map(|job| self.add(job, now)).collect())
    }

    fn add(&mut self, job: NewJob, now: Time) -> Enqueued {
        if self.jobs.contains_key(&job.id) {
            return Enqueued::Existing(job.id);
        }
        if let Some(conflict) = self.conflict(&job, now) {
            return conflict;
        }
        let entry = Entry::new(job, now);
        let (id, state) = (entry.id(), entry.record.state);
        self.insert(entry);
        Enqueued::New(id, state)
    }

    /// What becomes of a job whose key another one holds.
    fn conflict(&mut self, job: &NewJob, now: Time) -> Option<Enqueued> {
        let UniqueKey {
            key, on_conflict, ..
        } = job.unique.as_ref()?;
        let id = self.holder(key, now)?;
        let state = self.jobs.get(&id)?.record.state;
        let waits = matches!(state, State::Scheduled | State::Available);
        if !waits || *on_conflict == OnConflict::Skip {
            return Some(Enqueued::Existing(id));
        }
        let run_at = run_at(job.run, now);
        self.change(id, now, |entry| {
            if *on_conflict == OnConflict::Replace {
                entry.record.kind.clone_from(&job.kind);
                entry.record.payload.clone_from(&job.payload);
                entry.record.priority = job.priority;
                entry.ageing = job.ageing;
            }
            entry.wait_until(run_at, now);
        });
        Some(Enqueued::Changed(id))
    }
}

fn check_key(key: &str) -> Result<()> {
    if key.len() <= LONGEST_KEY {
        return Ok(());
    }
    Err(Error::Invalid(format!(
        "a unique key is {} bytes with its kind, and at most {LONGEST_KEY} are allowed: take a hash of what it is made of",
        key.len()
    )))
}
