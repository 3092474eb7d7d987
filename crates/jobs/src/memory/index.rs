//! What a store in memory finds jobs by, so that no call looks at all of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::entry::{Entry, Place};
use crate::{JobId, Limit, State, Time};

/// Jobs by what they wait for.
#[derive(Debug, Default)]
pub(super) struct Index {
    queues: BTreeMap<String, Queue>,
    limits: HashMap<String, Slots>,
    /// Running jobs, by the end of their lease.
    leases: BTreeSet<(Time, JobId)>,
    /// Terminal jobs, by the time of their end.
    finished: HashMap<State, BTreeSet<(Time, JobId)>>,
}

#[derive(Debug, Default)]
struct Queue {
    jobs: BTreeMap<State, u64>,
    /// Those that wait for their time, by it.
    due: BTreeSet<(Time, JobId)>,
    /// Those that wait for a worker, by when they could run.
    since: BTreeSet<(Time, JobId)>,
    /// The same, by kind.
    ready: HashMap<String, Ready>,
}

/// The jobs of one kind that wait for a worker.
#[derive(Debug, Default)]
struct Ready {
    /// Those that may be taken: all that have no limit, and the first one of each lane that is open.
    heads: BTreeSet<Place>,
    /// Those that have a limit: by its key and by how many it allows.
    lanes: HashMap<(String, u32), Lane>,
}

#[derive(Debug, Default)]
struct Lane {
    jobs: BTreeSet<Place>,
    head: Option<Place>,
}

/// How a limit stands.
#[derive(Debug, Default)]
struct Slots {
    running: u32,
    /// Where jobs wait that count against it: queue, kind, and how many it allows.
    lanes: BTreeSet<(String, String, u32)>,
}

impl Index {
    pub(super) fn add(&mut self, entry: &Entry) {
        let record = &entry.record;
        let queue = self.queues.entry(record.queue.clone()).or_default();
        *queue.jobs.entry(record.state).or_default() += 1;
        match record.state {
            State::Scheduled => {
                queue.due.insert((record.run_at, record.id));
            }
            State::Available => {
                queue.since.insert((record.run_at, record.id));
                self.add_ready(entry);
            }
            State::Running => {
                self.leases.insert(lease(entry));
                if let Some(limit) = entry.limit() {
                    let slots = self.limits.entry(limit.key.clone()).or_default();
                    slots.running += 1;
                    self.refresh(&limit.key);
                }
            }
            State::Completed | State::Cancelled | State::Dead => {
                let finished = self.finished.entry(record.state).or_default();
                finished.insert(end(entry));
            }
        }
    }

    pub(super) fn remove(&mut self, entry: &Entry) {
        let record = &entry.record;
        match record.state {
            State::Scheduled => {
                let queue = self.queues.entry(record.queue.clone()).or_default();
                queue.due.remove(&(record.run_at, record.id));
            }
            State::Available => {
                let queue = self.queues.entry(record.queue.clone()).or_default();
                queue.since.remove(&(record.run_at, record.id));
                self.remove_ready(entry);
            }
            State::Running => {
                self.leases.remove(&lease(entry));
                if let Some(limit) = entry.limit() {
                    let slots = self.limits.entry(limit.key.clone()).or_default();
                    slots.running = slots.running.saturating_sub(1);
                    self.refresh(&limit.key);
                }
            }
            State::Completed | State::Cancelled | State::Dead => {
                let finished = self.finished.entry(record.state).or_default();
                finished.remove(&end(entry));
            }
        }
        if let Some(queue) = self.queues.get_mut(&record.queue) {
            if let Some(jobs) = queue.jobs.get_mut(&record.state) {
                *jobs = jobs.saturating_sub(1);
            }
            if queue.jobs.values().all(|jobs| *jobs == 0) {
                self.queues.remove(&record.queue);
            }
        }
    }

    /// The most urgent job of this queue and these kinds that its limit allows.
    pub(super) fn best(&self, queue: &str, kinds: &[String]) -> Option<JobId> {
        let queue = self.queues.get(queue)?;
        let heads = kinds
            .iter()
            .filter_map(|kind| queue.ready.get(kind)?.heads.first());
        heads.min().map(|(_, id)| *id)
    }

    /// The job of this queue that is due next, and when.
    pub(super) fn next_due(&self, queue: &str) -> Option<(Time, JobId)> {
        self.queues.get(queue)?.due.first().copied()
    }

    /// The lease that runs out first, and the job it is on.
    pub(super) fn next_lease(&self) -> Option<(Time, JobId)> {
        self.leases.first().copied()
    }

    /// The jobs in this terminal state, the one that ended first before the others.
    pub(super) fn finished(&self, state: State) -> impl Iterator<Item = (Time, JobId)> {
        self.finished.get(&state).into_iter().flatten().copied()
    }

    /// The queues that have jobs, with how many they have in each state and since when the oldest waits for a worker.
    pub(super) fn queues(
        &self,
    ) -> impl Iterator<Item = (&str, &BTreeMap<State, u64>, Option<Time>)> {
        self.queues.iter().map(|(name, queue)| {
            let oldest = queue.since.first().map(|(since, _)| *since);
            (name.as_str(), &queue.jobs, oldest)
        })
    }

    /// The queues in which jobs wait that count against this limit.
    pub(super) fn waiting_for(&self, limit: &Limit) -> impl Iterator<Item = &str> {
        let slots = self.limits.get(&limit.key).into_iter();
        slots.flat_map(|slots| slots.lanes.iter().map(|(queue, _, _)| queue.as_str()))
    }

    fn ready(&mut self, queue: &str, kind: &str) -> &mut Ready {
        let queue = self.queues.entry(queue.to_owned()).or_default();
        queue.ready.entry(kind.to_owned()).or_default()
    }

    fn add_ready(&mut self, entry: &Entry) {
        let (record, place) = (&entry.record, entry.place());
        let ready = self.ready(&record.queue, &record.kind);
        let Some(limit) = entry.limit() else {
            ready.heads.insert(place);
            return;
        };
        let lane = ready.lanes.entry((limit.key.clone(), limit.max));
        lane.or_default().jobs.insert(place);
        let slots = self.limits.entry(limit.key.clone()).or_default();
        let lane = (record.queue.clone(), record.kind.clone(), limit.max);
        slots.lanes.insert(lane);
        self.refresh(&limit.key);
    }

    fn remove_ready(&mut self, entry: &Entry) {
        let (record, place) = (&entry.record, entry.place());
        let ready = self.ready(&record.queue, &record.kind);
        if let Some(limit) = entry.limit() {
            if let Some(lane) = ready.lanes.get_mut(&(limit.key.clone(), limit.max)) {
                lane.jobs.remove(&place);
            }
            self.refresh(&limit.key);
        } else {
            ready.heads.remove(&place);
        }
        let Some(queue) = self.queues.get_mut(&record.queue) else {
            return;
        };
        let done = |ready: &Ready| ready.heads.is_empty() && ready.lanes.is_empty();
        if queue.ready.get(&record.kind).is_some_and(done) {
            queue.ready.remove(&record.kind);
        }
    }

    /// Shows the first job of each lane of a limit that is open, and hides those of the others.
    fn refresh(&mut self, key: &str) {
        let Some(slots) = self.limits.get_mut(key) else {
            return;
        };
        let running = slots.running;
        slots.lanes.retain(|(queue, kind, max)| {
            let ready = self
                .queues
                .get_mut(queue)
                .and_then(|it| it.ready.get_mut(kind));
            let Some(ready) = ready else {
                return false;
            };
            let name = (key.to_owned(), *max);
            let Some(lane) = ready.lanes.get_mut(&name) else {
                return false;
            };
            let head = match running < *max {
                true => lane.jobs.first().copied(),
                false => None,
            };
            if head != lane.head {
                if let Some(hidden) = lane.head {
                    ready.heads.remove(&hidden);
                }
                ready.heads.extend(head);
                lane.head = head;
            }
            let some = !lane.jobs.is_empty();
            if !some {
                ready.lanes.remove(&name);
            }
            some
        });
        if running == 0 && slots.lanes.is_empty() {
            self.limits.remove(key);
        }
    }
}

fn lease(entry: &Entry) -> (Time, JobId) {
    (
        entry.record.lease_until.unwrap_or_default(),
        entry.record.id,
    )
}

fn end(entry: &Entry) -> (Time, JobId) {
    (
        entry.record.finished_at.unwrap_or_default(),
        entry.record.id,
    )
}
