//! What can be asked.

use std::{collections::BTreeMap, ops::Bound};

use super::{core::Core, entry::Entry};
use crate::{
    JobId, JobRecord, State,
    clock::between,
    store::{Audit, Filter, Page, QueueStats, Stats},
};

impl Core {
    /// The job of this name.
    pub(super) fn find(&mut self, id: JobId) -> Option<JobRecord> {
        let now = self.now();
        self.jobs.get(&id).map(|entry| entry.shown(now))
    }

    /// The jobs that a filter meets, newest first.
    pub(super) fn list(&mut self, filter: &Filter, page: Page) -> Vec<JobRecord> {
        let now = self.now();
        let older = match page.after {
            Some(id) => Bound::Excluded(id),
            None => Bound::Unbounded,
        };
        let shown = |entry: &Entry| entry.shown(now);
        let jobs = self.jobs.range((Bound::Unbounded, older)).rev();
        let jobs = jobs.map(|(_, entry)| entry);
        let jobs = jobs.filter(|entry| meets(filter, &entry.record));
        jobs.take(page.limit).map(shown).collect()
    }

    /// The names of terminal jobs that a filter meets, the one that ended first before the others.
    pub(super) fn terminal(&self, states: &[State], filter: &Filter, limit: usize) -> Vec<JobId> {
        let jobs = states.iter().flat_map(|state| self.index.finished(*state));
        let met = jobs.map(|(_, id)| id).filter(|id| {
            let entry = self.jobs.get(id);
            entry.is_some_and(|entry| meets(filter, &entry.record))
        });
        met.take(limit).collect()
    }

    /// How many jobs there are.
    pub(super) fn stats(&mut self, all: bool) -> Stats {
        let now = self.now();
        let mut queues: BTreeMap<String, QueueStats> = BTreeMap::new();
        for (name, counts, oldest) in self.index.queues() {
            let counts = counts.iter().map(|(state, jobs)| (*state, *jobs));
            let counts = counts.filter(|(state, jobs)| *jobs > 0 && (all || !state.is_terminal()));
            let stats = QueueStats {
                jobs: counts.collect(),
                oldest: oldest.map(|since| between(since, now)),
                paused: false,
            };
            if !stats.jobs.is_empty() {
                queues.insert(name.to_owned(), stats);
            }
        }
        for name in &self.paused {
            queues.entry(name.clone()).or_default().paused = true;
        }
        Stats { now, queues }
    }

    /// The newest lines of the audit.
    pub(super) fn audits(&self, subject: Option<&str>, limit: usize) -> Vec<Audit> {
        let lines = self.audit.iter().rev();
        let lines = lines.filter(|line| subject.is_none_or(|subject| line.subject == subject));
        lines.take(limit).cloned().collect()
    }
}

/// Whether everything holds that a filter says.
fn meets(filter: &Filter, job: &JobRecord) -> bool {
    let Filter {
        ids,
        queue,
        kind,
        states,
        reason,
        schedule,
        finished_before,
    } = filter;
    let finished = |before| job.finished_at.is_some_and(|at| at < before);
    ids.as_ref().is_none_or(|ids| ids.contains(&job.id))
        && queue.as_ref().is_none_or(|queue| *queue == job.queue)
        && (kind.as_ref()).is_none_or(|kind| without_version(kind) == without_version(&job.kind))
        && (states.is_empty() || states.contains(&job.state))
        && reason.is_none_or(|reason| job.reason == Some(reason))
        && (schedule.as_ref()).is_none_or(|name| job.schedule.as_ref() == Some(name))
        && finished_before.is_none_or(finished)
}

fn without_version(kind: &str) -> &str {
    kind.split_once('@').map_or(kind, |(kind, _)| kind)
}
