//! What a worker says of a job that it has run.

use super::core::Core;
use crate::{
    State,
    clock::later,
    store::{By, End, Finish, Lease, Verdict},
};

impl Core {
    /// Records the ends of runs.
    pub(super) fn finish(&mut self, ends: &[Finish]) -> Vec<Verdict> {
        ends.iter().map(|finish| self.finish_one(finish)).collect()
    }

    fn finish_one(&mut self, finish: &Finish) -> Verdict {
        if !self.holds(finish.lease) {
            return Verdict::Stale;
        }
        let now = self.now();
        let id = finish.lease.job;
        let worker = self.change(id, now, |entry| {
            if let Some(failure) = &finish.failure {
                let mut failure = failure.clone();
                failure.at = now;
                entry.failures.push(failure);
            }
            let uncounted = matches!(finish.end, End::Snooze(_) | End::HandBack);
            let record = &mut entry.record;
            record.attempt -= u32::from(uncounted);
            record.snoozes += u32::from(matches!(finish.end, End::Snooze(_)));
            match &finish.end {
                End::Done => entry.end(State::Completed, now),
                End::Cancelled(_) => entry.end(State::Cancelled, now),
                End::Dead(reason) => {
                    record.reason = Some(*reason);
                    entry.end(State::Dead, now);
                }
                // nobody wants it any more: it must not come back
                _ if record.cancel_requested => entry.end(State::Cancelled, now),
                End::Retry(wait) | End::Snooze(wait) => entry.wait_until(later(now, *wait), now),
                End::HandBack => entry.hand_back(),
            }
            entry.record.worker.clone()
        });
        if let End::Cancelled(why) = &finish.end {
            let by = By::new(worker.flatten().unwrap_or_default());
            self.note(&by, "cancel", id, Some(why.clone()));
        }
        Verdict::Applied
    }

    /// Records the progress of a running job.
    pub(super) fn progress(&mut self, lease: Lease, progress: &str) -> Verdict {
        if !self.holds(lease) {
            return Verdict::Stale;
        }
        if let Some(entry) = self.jobs.get_mut(&lease.job) {
            entry.record.progress = Some(progress.to_owned());
        }
        Verdict::Applied
    }
}
