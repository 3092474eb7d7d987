//! All jobs, and the one way in which one of them changes.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::{bell::Ring, entry::Entry, index::Index};
use crate::{
    Error, JobId, Result, State, Time,
    clock::{Clock, kept},
    store::{Audit, By, ScheduleRecord},
};

/// How many lines of the audit are kept.
const AUDIT: usize = 10_000;

/// All jobs, and what else a store keeps.
pub(super) struct Core {
    clock: Box<dyn Clock>,
    /// The latest time that was told.
    latest: Time,
    pub(super) jobs: BTreeMap<JobId, Entry>,
    pub(super) index: Index,
    /// Who holds a unique key.
    pub(super) keys: HashMap<String, JobId>,
    pub(super) paused: BTreeSet<String>,
    pub(super) schedules: BTreeMap<String, ScheduleRecord>,
    pub(super) audit: VecDeque<Audit>,
    /// What listeners are told when the step is done.
    pub(super) rings: BTreeSet<Ring>,
}

impl Core {
    pub(super) fn new(clock: Box<dyn Clock>) -> Self {
        Self {
            clock,
            latest: Time::UNIX_EPOCH,
            jobs: BTreeMap::new(),
            index: Index::default(),
            keys: HashMap::new(),
            paused: BTreeSet::new(),
            schedules: BTreeMap::new(),
            audit: VecDeque::new(),
            rings: BTreeSet::new(),
        }
    }

    /// The time, which never goes back.
    pub(super) fn now(&mut self) -> Time {
        self.latest = kept(self.clock.now()).max(self.latest);
        self.latest
    }

    /// The job of this name.
    pub(super) fn entry(&self, id: JobId) -> Result<&Entry> {
        self.jobs.get(&id).ok_or(Error::NoSuchJob(id))
    }

    /// Changes a job, where it is found, which key it holds, and who is told.
    pub(super) fn change<T>(
        &mut self,
        id: JobId,
        now: Time,
        change: impl FnOnce(&mut Entry) -> T,
    ) -> Option<T> {
        let entry = self.jobs.get_mut(&id)?;
        self.index.remove(entry);
        let before = entry.record.state;
        let answer = change(entry);
        let record = &mut entry.record;
        if before == State::Running
            && let Some(limit) = &record.limit
        {
            let queues = self.index.waiting_for(limit);
            let rings = queues.map(|queue| Ring::Work(queue.to_owned()));
            self.rings.extend(rings);
        }
        if matches!(record.state, State::Scheduled | State::Available) {
            self.rings.insert(Ring::Work(record.queue.clone()));
        }
        if entry.lets_go(now)
            && let Some(key) = entry.record.unique_key.take()
        {
            self.keys.remove(&key);
        }
        self.index.add(entry);
        Some(answer)
    }

    /// Adds a job.
    pub(super) fn insert(&mut self, entry: Entry) {
        if let Some(key) = &entry.record.unique_key {
            self.keys.insert(key.clone(), entry.id());
        }
        self.rings.insert(Ring::Work(entry.record.queue.clone()));
        self.index.add(&entry);
        self.jobs.insert(entry.id(), entry);
    }

    /// Drops a job, and all there is of it.
    pub(super) fn remove(&mut self, id: JobId) {
        let Some(entry) = self.jobs.remove(&id) else {
            return;
        };
        self.index.remove(&entry);
        if let Some(key) = &entry.record.unique_key {
            self.keys.remove(key);
        }
    }

    /// Who holds a unique key at this time.
    pub(super) fn holder(&mut self, key: &str, now: Time) -> Option<JobId> {
        let id = *self.keys.get(key)?;
        let entry = self.jobs.get_mut(&id)?;
        if !entry.lets_go(now) {
            return Some(id);
        }
        entry.record.unique_key = None;
        self.keys.remove(key);
        None
    }

    /// Adds a line to the audit.
    pub(super) fn note(
        &mut self,
        by: &By,
        action: &str,
        subject: impl ToString,
        detail: Option<String>,
    ) {
        let at = self.now();
        if self.audit.len() == AUDIT {
            self.audit.pop_front();
        }
        let detail = match (detail, &by.why) {
            (Some(detail), Some(why)) => Some(format!("{detail}: {why}")),
            (detail, why) => detail.or_else(|| why.clone()),
        };
        self.audit.push_back(Audit {
            at,
            actor: by.actor.clone(),
            action: action.to_owned(),
            subject: subject.to_string(),
            detail,
        });
    }
}
