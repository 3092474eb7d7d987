//! A histogram without a lock.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use prometheus_client::encoding::MetricEncoder;

/// The bounds of a histogram: in the whole units in which values are counted, and as they are shown.
#[derive(Debug)]
pub(super) struct Bounds<const N: usize> {
    /// The upper bounds, ascending.
    pub(super) upper: [u64; N],
    /// How many counted units make one unit that is shown.
    pub(super) scale: f64,
}

/// Request durations, counted in nanoseconds and shown in seconds; the bounds that the semantic conventions advise.
pub(super) const DURATION: Bounds<14> = Bounds {
    upper: [
        5_000_000,
        10_000_000,
        25_000_000,
        50_000_000,
        75_000_000,
        100_000_000,
        250_000_000,
        500_000_000,
        750_000_000,
        1_000_000_000,
        2_500_000_000,
        5_000_000_000,
        7_500_000_000,
        10_000_000_000,
    ],
    scale: 1e9,
};

/// Body sizes in bytes, in steps of four.
pub(super) const SIZE: Bounds<9> = Bounds {
    upper: [
        64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304,
    ],
    scale: 1.0,
};

/// The type of the labels that no exemplar of ours has.
type NoLabels = [(String, String); 0];

/// Counts values by size. `M` is one more than the number of bounds.
#[derive(Debug)]
pub(super) struct Histogram<const M: usize> {
    buckets: [AtomicU64; M],
    sum: AtomicU64,
}

impl<const M: usize> Histogram<M> {
    pub(super) fn new() -> Self {
        Self {
            buckets: [const { AtomicU64::new(0) }; M],
            sum: AtomicU64::new(0),
        }
    }

    /// Counts one value, given in the unit of the bounds.
    pub(super) fn observe<const N: usize>(&self, bounds: &Bounds<N>, value: u64) {
        const { assert!(M == N + 1) };
        let index = bounds.upper.iter().position(|upper| value <= *upper);
        self.buckets[index.unwrap_or(N)].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    pub(super) fn encode<const N: usize>(
        &self,
        bounds: &Bounds<N>,
        mut encoder: MetricEncoder<'_>,
    ) -> std::fmt::Result {
        let uppers = bounds
            .upper
            .iter()
            .map(|upper| *upper as f64 / bounds.scale)
            .chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = uppers
            .zip(self.buckets.iter().map(|count| count.load(Relaxed)))
            .collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = self.sum.load(Relaxed) as f64 / bounds.scale;
        encoder.encode_histogram::<NoLabels>(sum, count, &buckets, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_those_that_are_documented() {
        let shown: Vec<f64> = DURATION
            .upper
            .iter()
            .map(|it| *it as f64 / DURATION.scale)
            .collect();
        assert_eq!(shown, atlas_telemetry::names::http::BUCKETS);
    }

    #[test]
    fn a_value_is_counted_in_the_first_bucket_that_holds_it() {
        let histogram = Histogram::<10>::new();
        for value in [0, 64, 65, u64::from(u32::MAX)] {
            histogram.observe(&SIZE, value);
        }
        let counts: Vec<u64> = histogram
            .buckets
            .iter()
            .map(|it| it.load(Relaxed))
            .collect();
        assert_eq!(counts, [2, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
    }
}
