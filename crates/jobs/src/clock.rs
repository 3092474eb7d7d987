//! Clocks of stores, and arithmetic with their times that cannot overflow.
//!
//! A store makes times of the spans that it is given, by its own clock. Whatever a caller says, such a time lies between
//! 1970 and [`LATEST`]: a wait that is longer ends then.
//!
//! ```
//! use std::time::Duration;
//! use atlas_jobs::clock::{Clock, LATEST, TestClock, later};
//!
//! let clock = TestClock::new();
//! let start = clock.now();
//! clock.advance(Duration::from_secs(60));
//! assert_eq!(clock.now(), later(start, Duration::from_secs(60)));
//! assert_eq!(later(start, Duration::MAX), LATEST);
//! ```

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::DateTime;

use crate::Time;

/// The last time that a store keeps: the last millisecond of the year 9999. What is later counts as this.
pub const LATEST: Time = match DateTime::from_timestamp_millis(253_402_300_799_999) {
    Some(time) => time,
    None => DateTime::UNIX_EPOCH,
};

/// Tells a store what time it is. A closure is one too.
pub trait Clock: Send + Sync + 'static {
    /// The time. A store that is told an earlier one than before goes on with the later one.
    fn now(&self) -> Time;
}

impl<F: Fn() -> Time + Send + Sync + 'static> Clock for F {
    fn now(&self) -> Time {
        self()
    }
}

/// The time of this machine at the start, and from then on what a clock adds that nobody can set: a wall clock that is
/// stepped changes neither the order of jobs nor how long they wait.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Time,
    since: Instant,
}

impl SystemClock {
    /// Reads the time of this machine.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: kept(chrono::Utc::now()),
            since: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Time {
        let elapsed = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        of_millis(self.start.timestamp_millis().saturating_add(elapsed))
    }
}

/// A clock that stands still until a test [advances](Self::advance) it. Its clones are the same clock.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// It starts with the year 2026.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_767_225_600_000)))
    }

    /// It starts at this time.
    #[must_use]
    pub fn at(time: Time) -> Self {
        Self(Arc::new(AtomicI64::new(kept(time).timestamp_millis())))
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        let now = later(self.now(), by).timestamp_millis();
        self.0.store(now, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Time {
        of_millis(self.0.load(Ordering::SeqCst))
    }
}

/// The time this long after `now`, at most [`LATEST`]. A part of a millisecond counts as a whole one, so that nothing
/// happens early.
#[must_use]
pub fn later(now: Time, wait: Duration) -> Time {
    let millis = wait.as_nanos().div_ceil(1_000_000);
    let millis = i64::try_from(millis).unwrap_or(i64::MAX);
    of_millis(now.timestamp_millis().saturating_add(millis))
}

/// The time this long before `now`, at the earliest the beginning of 1970.
#[must_use]
pub fn earlier(now: Time, age: Duration) -> Time {
    let millis = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    of_millis(now.timestamp_millis().saturating_sub(millis))
}

/// This time as a store keeps it: in milliseconds, and between 1970 and [`LATEST`].
#[must_use]
pub fn kept(time: Time) -> Time {
    of_millis(time.timestamp_millis())
}

/// How long it is from `from` to `to`; nothing, if that has passed.
#[must_use]
pub fn between(from: Time, to: Time) -> Duration {
    (to - from).to_std().unwrap_or_default()
}

fn of_millis(millis: i64) -> Time {
    let millis = millis.clamp(0, LATEST.timestamp_millis());
    DateTime::from_timestamp_millis(millis).unwrap_or(LATEST)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, Utc};

    use super::{Clock, LATEST, SystemClock, TestClock, between, earlier, kept, later};

    #[test]
    fn times_stay_between_1970_and_the_year_9999() {
        let now = TestClock::new().now();
        assert_eq!(later(now, Duration::MAX), LATEST);
        assert_eq!(later(LATEST, Duration::MAX), LATEST);
        assert_eq!(earlier(now, Duration::MAX), DateTime::UNIX_EPOCH);
        assert_eq!(kept(DateTime::<Utc>::MAX_UTC), LATEST);
        assert_eq!(kept(DateTime::<Utc>::MIN_UTC), DateTime::UNIX_EPOCH);
        assert_eq!(LATEST.to_rfc3339(), "9999-12-31T23:59:59.999+00:00");
    }

    #[test]
    fn a_part_of_a_millisecond_is_waited_as_a_whole_one() {
        let now = TestClock::new().now();
        let soon = later(now, Duration::from_nanos(1));
        assert_eq!(between(now, soon), Duration::from_millis(1));
        assert_eq!(between(soon, now), Duration::ZERO);
    }

    #[test]
    fn the_clock_of_the_system_tells_the_time_and_never_goes_back() {
        let clock = SystemClock::new();
        let away = (Utc::now() - clock.now()).abs();
        assert!(away < chrono::TimeDelta::minutes(1), "{away}");
        let times: Vec<_> = (0..1000).map(|_| clock.now()).collect();
        assert!(times.is_sorted());
    }

    #[test]
    fn clones_of_a_clock_for_tests_move_together() {
        let clock = TestClock::at(DateTime::UNIX_EPOCH);
        let same = clock.clone();
        same.advance(Duration::from_secs(5));
        assert_eq!((clock.now(), same.now()), (same.now(), clock.now()));
        assert_eq!(clock.now().timestamp(), 5);
    }
}
