//! What goes out, under a lease.

use super::core::Core;
use crate::{
    Failure, FailureKind, JobId, JobRecord, Reason, State, Time,
    clock::{between, later},
    store::{Claim, Claimed, Lease, Pulse, Rescued},
};

/// The most jobs of a queue that become available in one step, so that no step takes long.
const PROMOTED: usize = 10_000;

impl Core {
    /// Gives jobs to a worker.
    pub(super) fn claim(&mut self, claim: &Claim) -> Claimed {
        let now = self.now();
        let shares = claim.queues.iter();
        let shares: Vec<_> = shares
            .filter(|it| !self.paused.contains(&it.queue))
            .collect();
        for share in &shares {
            self.promote(&share.queue, now);
        }
        let mut jobs = Vec::new();
        for bounded in [true, false] {
            for share in &shares {
                let bound = if bounded { share.jobs } else { claim.total };
                let most = bound.min(claim.total - jobs.len());
                let taken = (0..most).map_while(|_| self.take(&share.queue, claim, now));
                jobs.extend(taken);
            }
        }
        jobs.sort_by_key(|(place, _)| *place);
        let due = shares
            .iter()
            .filter_map(|it| self.index.next_due(&it.queue));
        Claimed {
            jobs: jobs.into_iter().map(|(_, record)| record).collect(),
            next_due: due.min().map(|(at, _)| between(now, at)),
            now: Some(now),
        }
    }

    fn take(
        &mut self,
        queue: &str,
        claim: &Claim,
        now: Time,
    ) -> Option<(super::entry::Place, JobRecord)> {
        let id = self.index.best(queue, &claim.kinds)?;
        self.change(id, now, |entry| {
            let place = entry.place();
            let record = &mut entry.record;
            record.state = State::Running;
            record.attempt += 1;
            record.fence += 1;
            record.started_at = Some(now);
            record.lease_until = Some(later(now, claim.lease));
            record.worker = Some(claim.worker.clone());
            record.cancel_requested = false;
            (place, entry.shown(now))
        })
    }

    /// Makes the due jobs of a queue available.
    fn promote(&mut self, queue: &str, now: Time) {
        for _ in 0..PROMOTED {
            match self.index.next_due(queue) {
                Some((run_at, id)) if run_at <= now => {
                    self.change(id, now, |entry| entry.record.state = State::Available);
                }
                _ => return,
            }
        }
    }

    /// Renews leases.
    pub(super) fn renew(&mut self, leases: &[Lease], lease: std::time::Duration) -> Vec<Pulse> {
        let now = self.now();
        let until = later(now, lease);
        let renew = |lease: &Lease| {
            if !self.holds(*lease) {
                return Pulse::Lost;
            }
            let called_off = self.change(lease.job, now, |entry| {
                entry.record.lease_until = Some(until);
                entry.record.cancel_requested
            });
            match called_off {
                Some(true) => Pulse::Cancel,
                _ => Pulse::Kept,
            }
        };
        leases.iter().map(renew).collect()
    }

    /// Says which of these jobs were called off.
    pub(super) fn called_off(&self, leases: &[Lease]) -> Vec<Lease> {
        let called_off = |lease: &&Lease| {
            let entry = self.jobs.get(&lease.job);
            self.holds(**lease) && entry.is_some_and(|it| it.record.cancel_requested)
        };
        leases.iter().filter(called_off).copied().collect()
    }

    /// Whether this is the present lease of a job.
    pub(super) fn holds(&self, lease: Lease) -> bool {
        self.jobs.get(&lease.job).is_some_and(|entry| {
            entry.record.state == State::Running && entry.record.fence == lease.fence
        })
    }

    /// Takes jobs back whose lease has run out.
    pub(super) fn rescue(&mut self, crash_limit: u32, limit: usize) -> Vec<Rescued> {
        let now = self.now();
        let mut rescued = Vec::new();
        while rescued.len() < limit
            && let Some((until, id)) = self.index.next_lease()
            && until <= now
        {
            rescued.extend(self.rescue_one(id, crash_limit, now));
        }
        rescued
    }

    fn rescue_one(&mut self, id: JobId, crash_limit: u32, now: Time) -> Option<Rescued> {
        self.change(id, now, |entry| {
            let until = entry.record.lease_until.unwrap_or(now);
            let worker = entry.record.worker.clone();
            entry.failures.push(Failure {
                attempt: entry.record.attempt,
                at: now,
                kind: FailureKind::Crashed,
                message: "the worker died, or lost its lease".to_owned(),
                backtrace: None,
                worker: worker.clone(),
            });
            entry.record.attempt = entry.record.attempt.saturating_sub(1);
            entry.record.crashes = entry.record.crashes.saturating_add(1);
            let looped = entry.record.crashes >= crash_limit;
            if entry.record.cancel_requested {
                entry.end(State::Cancelled, now);
            } else if looped {
                entry.record.reason = Some(Reason::CrashLoop);
                entry.end(State::Dead, now);
            } else {
                entry.hand_back();
            }
            Rescued {
                id,
                kind: entry.record.kind.clone(),
                queue: entry.record.queue.clone(),
                crashes: entry.record.crashes,
                dead: entry.record.state == State::Dead,
                worker,
                overdue: between(until, now),
            }
        })
    }
}
