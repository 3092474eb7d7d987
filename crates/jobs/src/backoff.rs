//! How long a failed job waits.

use std::time::Duration;

/// How long a job waits before its next attempt: `base · factor^(attempt − 1)`, at most `max`, and on top of that a random
/// share of up to `jitter` of it, so that jobs that failed together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    base: Duration,
    factor: f64,
    max: Duration,
    jitter: f64,
}

impl Default for Backoff {
    /// 2 s, 4 s, 8 s, … at most 1 h, and up to a quarter more.
    fn default() -> Self {
        Self::exponential(Duration::from_secs(2))
    }
}

impl Backoff {
    /// Doubles from `base` up to an hour, with a jitter of a quarter.
    #[must_use]
    pub const fn exponential(base: Duration) -> Self {
        Self {
            base,
            factor: 2.0,
            max: Duration::from_secs(3600),
            jitter: 0.25,
        }
    }

    /// The same wait every time, with a jitter of a quarter.
    #[must_use]
    pub const fn fixed(wait: Duration) -> Self {
        Self {
            base: wait,
            factor: 1.0,
            max: wait,
            jitter: 0.25,
        }
    }

    /// What each attempt multiplies the wait by; less than 1 counts as 1.
    #[must_use]
    pub const fn factor(mut self, factor: f64) -> Self {
        self.factor = factor.max(1.0);
        self
    }

    /// The longest wait, jitter aside.
    #[must_use]
    pub const fn max(mut self, max: Duration) -> Self {
        self.max = max;
        self
    }

    /// The largest random share on top, from 0 to 1.
    #[must_use]
    pub const fn jitter(mut self, jitter: f64) -> Self {
        self.jitter = jitter.clamp(0.0, 1.0);
        self
    }

    /// The shortest and the longest wait after this attempt, which counts from 1.
    #[must_use]
    pub fn bounds(&self, attempt: u32) -> (Duration, Duration) {
        let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let longest = self.max.as_secs_f64();
        let wait = self.base.as_secs_f64() * self.factor.powi(exponent);
        let wait = Duration::from_secs_f64(wait.min(longest));
        (wait, wait + wait.mul_f64(self.jitter))
    }

    /// A wait after this attempt, drawn with `random` from 0 to 1.
    #[must_use]
    pub fn wait(&self, attempt: u32, random: f64) -> Duration {
        let (shortest, longest) = self.bounds(attempt);
        shortest + (longest - shortest).mul_f64(random.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn waits_double_up_to_the_longest() {
        let backoff = Backoff::exponential(Duration::from_secs(2)).max(Duration::from_secs(10));
        let shortest: Vec<u64> = (1..6).map(|it| backoff.bounds(it).0.as_secs()).collect();
        assert_eq!(shortest, [2, 4, 8, 10, 10]);
    }

    #[test]
    fn jitter_comes_on_top_and_stays_within_its_share() {
        let backoff = Backoff::fixed(Duration::from_secs(8)).jitter(0.5);
        assert_eq!(backoff.wait(3, 0.0), Duration::from_secs(8));
        assert_eq!(backoff.wait(3, 1.0), Duration::from_secs(12));
    }

    #[test]
    fn the_last_of_very_many_attempts_waits_the_longest_time() {
        let (shortest, _) = Backoff::default().bounds(u32::MAX);
        assert_eq!(shortest, Duration::from_secs(3600));
    }
}
