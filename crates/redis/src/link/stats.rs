//! What is counted, to be read when metrics are scraped.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::error::Error;

/// The upper bounds in seconds, as the semantic conventions advise for databases.
const BUCKETS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// How commands ended.
const OUTCOMES: [&str; 5] = ["ok", "unreachable", "lost", "timeout", "refused"];

/// Counts of one handle.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    outcomes: [Histogram; OUTCOMES.len()],
    attempts: [AtomicU64; 2],
}

/// The commands that ended in one way.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) outcome: &'static str,
    pub(crate) sum: f64,
    pub(crate) count: u64,
    /// One for each of [`BUCKETS`], and one for what took longer; each for itself.
    pub(crate) buckets: Vec<(f64, u64)>,
}

#[derive(Debug, Default)]
struct Histogram {
    microseconds: AtomicU64,
    buckets: [AtomicU64; BUCKETS.len() + 1],
}

impl Stats {
    pub(crate) fn record(&self, took: Duration, error: Option<&Error>) {
        let outcome = match error {
            None => 0,
            Some(Error::Unreachable { .. } | Error::Closed) => 1,
            Some(Error::Lost { .. }) => 2,
            Some(Error::Timeout { .. }) => 3,
            Some(Error::Refused { .. } | Error::Type { .. }) => 4,
        };
        let histogram = &self.outcomes[outcome];
        let seconds = took.as_secs_f64();
        let bucket = BUCKETS.partition_point(|bound| *bound < seconds);
        histogram.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        histogram
            .microseconds
            .fetch_add(microseconds, Ordering::Relaxed);
    }

    pub(crate) fn attempted(&self, succeeded: bool) {
        self.attempts[usize::from(succeeded)].fetch_add(1, Ordering::Relaxed);
    }

    /// How many attempts to connect failed, and how many succeeded.
    pub(crate) fn attempts(&self) -> [u64; 2] {
        [0, 1].map(|it: usize| self.attempts[it].load(Ordering::Relaxed))
    }

    pub(crate) fn read(&self) -> Vec<Reading> {
        let read = |(outcome, histogram): (&'static str, &Histogram)| {
            let bounds = BUCKETS.into_iter().chain([f64::MAX]);
            let counts = histogram.buckets.iter();
            let counts = counts.map(|count| count.load(Ordering::Relaxed));
            let buckets: Vec<_> = bounds.zip(counts).collect();
            let total = Duration::from_micros(histogram.microseconds.load(Ordering::Relaxed));
            Reading {
                outcome,
                sum: total.as_secs_f64(),
                count: buckets.iter().map(|(_, count)| count).sum(),
                buckets,
            }
        };
        OUTCOMES.into_iter().zip(&self.outcomes).map(read).collect()
    }
}
