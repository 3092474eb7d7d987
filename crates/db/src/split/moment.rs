//! Points in time that fit into an atomic.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

/// A point on the monotonic clock of this process, in nanoseconds since its first use. All threads agree on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(u64);

impl Moment {
    /// Before every other.
    pub(crate) const NEVER: Self = Self(0);

    /// This one; never [`NEVER`](Self::NEVER).
    pub(crate) fn now() -> Self {
        static FIRST: OnceLock<Instant> = OnceLock::new();
        let since = FIRST.get_or_init(Instant::now).elapsed().as_nanos();
        Self(u64::try_from(since).unwrap_or(u64::MAX).max(1))
    }

    /// Reads one from an atomic.
    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// As an atomic holds it.
    pub(crate) const fn bits(self) -> u64 {
        self.0
    }

    /// A moment before this one.
    pub(crate) fn minus(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(nanos))
    }

    /// How long after `earlier` this is.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Moment;

    #[test]
    fn moments_are_ordered_and_never_is_before_all() {
        let (first, second) = (Moment::now(), Moment::now());
        assert!(Moment::NEVER < first && first <= second);
        assert_eq!(Moment::from_bits(second.bits()), second);
        assert_eq!(first.minus(Duration::MAX), Moment::NEVER);
        let later = Moment::from_bits(5_000_000_000);
        assert_eq!(later.minus(Duration::from_secs(2)).bits(), 3_000_000_000);
        assert_eq!(
            later.since(Moment::from_bits(1_000_000_000)),
            Duration::from_secs(4)
        );
        assert_eq!(Moment::NEVER.since(later), Duration::ZERO);
    }
}
