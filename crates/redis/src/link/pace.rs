//! When the next attempt to connect may be made.

use std::time::{Duration, Instant};

/// The shortest time between two attempts.
const SHORTEST: Duration = Duration::from_millis(500);
/// The longest, before chance is added.
const LONGEST: Duration = Duration::from_secs(1);

/// Spaces attempts: at most two a second while they fail, soon fewer, never more than 1.5 seconds apart.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    next: Option<Instant>,
    failures: u32,
}

impl Pace {
    /// Whether an attempt may be made now.
    pub(crate) fn allows(&self, now: Instant) -> bool {
        self.next.is_none_or(|next| now >= next)
    }

    /// How long until an attempt may be made.
    pub(crate) fn wait(&self, now: Instant) -> Duration {
        self.next
            .map_or(Duration::ZERO, |next| next.saturating_duration_since(now))
    }

    /// An attempt begins.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.next = Some(now + SHORTEST);
    }

    /// It failed. Processes that lost the same server do not come back in step: `chance` is between 0 and 1.
    pub(crate) fn failed(&mut self, now: Instant, chance: f64) {
        let wait = (SHORTEST * (1 << self.failures.min(4))).min(LONGEST);
        self.failures += 1;
        let wait = wait.mul_f64(1.0 + chance / 2.0);
        self.next = Some(self.next.unwrap_or(now).max(now + wait));
    }

    /// It succeeded.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }
}

/// A number between 0 and 1 that differs from process to process and from call to call.
pub(crate) fn chance() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let bits = RandomState::new().hash_one(Instant::now()) >> 11;
    #[allow(
        clippy::cast_precision_loss,
        reason = "53 bits fit into the fraction of an f64"
    )]
    let fraction = bits as f64 / (1_u64 << 53) as f64;
    fraction
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Pace, chance};

    #[test]
    fn attempts_come_at_most_twice_a_second_and_at_least_every_one_and_a_half() {
        for chance in [0.0, 0.5, 1.0] {
            let mut pace = Pace::default();
            let mut now = Instant::now();
            let begun = now;
            let mut attempts = Vec::new();
            while now < begun + Duration::from_secs(30) {
                if pace.allows(now) {
                    pace.begin(now);
                    attempts.push(now);
                    // refused at once
                    pace.failed(now, chance);
                }
                now += Duration::from_millis(10);
            }
            for pair in attempts.windows(2) {
                let gap = pair[1] - pair[0];
                assert!(gap >= Duration::from_millis(500), "{gap:?}");
                assert!(gap <= Duration::from_millis(1520), "{gap:?}");
            }
        }
    }

    #[test]
    fn a_connection_that_breaks_again_and_again_is_not_reopened_faster() {
        let mut pace = Pace::default();
        let now = Instant::now();
        pace.begin(now);
        pace.succeeded();
        assert!(!pace.allows(now + Duration::from_millis(499)));
        assert!(pace.allows(now + Duration::from_millis(500)));
    }

    #[test]
    fn chance_is_a_fraction_and_changes() {
        let some: Vec<f64> = (0..10).map(|_| chance()).collect();
        assert!(some.iter().all(|it| (0.0..1.0).contains(it)));
        assert!(
            some.windows(2)
                .any(|pair| pair[0] < pair[1] || pair[1] < pair[0])
        );
    }
}
