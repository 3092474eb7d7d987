//! The series of one route.

use std::sync::OnceLock;
use std::time::Duration;

use atlas_telemetry::context::Route;
use axum::http::Version;

use super::histogram::{DURATION, Histogram, SIZE};
use super::method::Verb;

/// One request that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) route: Option<Route>,
    pub(crate) verb: Verb,
    pub(crate) version: Version,
    pub(crate) secure: bool,
    /// 0 when no answer was sent.
    pub(crate) status: u16,
    pub(crate) failure: Option<Failure>,
    pub(crate) duration: Duration,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
}

/// How a request failed other than by the status of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Failure {
    /// The handler panicked.
    Panic = 1,
    /// The handler, or the body of the request, took too long.
    Timeout = 2,
    /// The client went away.
    Disconnected = 3,
    /// The server stopped before the request was done.
    Cancelled = 4,
}

impl Failure {
    /// Its name in `error.type`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Timeout => "timeout",
            Self::Disconnected => "client_disconnected",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What tells the series of one route apart, packed into one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u32);

impl Key {
    /// The series that takes what no other may be made for.
    pub(super) const OVERFLOW: Self = Self(u32::MAX);

    pub(super) fn of(sample: &Sample) -> Self {
        let version = match sample.version {
            Version::HTTP_10 => 0,
            Version::HTTP_2 => 2,
            _ => 1,
        };
        let failure = sample.failure.map_or(0, |failure| failure as u32);
        Self(
            sample.verb.index() as u32
                | u32::from(sample.secure) << 4
                | version << 5
                | failure << 8
                | u32::from(sample.status) << 16,
        )
    }

    pub(super) fn verb(self) -> Verb {
        Verb::at((self.0 & 0xf) as usize)
    }

    pub(super) fn scheme(self) -> &'static str {
        if self.0 >> 4 & 1 == 1 {
            "https"
        } else {
            "http"
        }
    }

    pub(super) fn version(self) -> &'static str {
        ["1.0", "1.1", "2", "2"][(self.0 >> 5 & 3) as usize]
    }

    pub(super) fn failure(self) -> Option<Failure> {
        Some(match self.0 >> 8 & 7 {
            1 => Failure::Panic,
            2 => Failure::Timeout,
            3 => Failure::Disconnected,
            4 => Failure::Cancelled,
            _ => return None,
        })
    }

    pub(super) fn status(self) -> u16 {
        (self.0 >> 16) as u16
    }
}

/// All requests of one route that share a [`Key`].
#[derive(Debug)]
pub(super) struct Series {
    pub(super) key: Key,
    pub(super) duration: Histogram<15>,
    pub(super) request_bytes: Histogram<10>,
    pub(super) response_bytes: Histogram<10>,
    next: OnceLock<Box<Series>>,
}

impl Series {
    fn new(key: Key) -> Self {
        Self {
            key,
            duration: Histogram::new(),
            request_bytes: Histogram::new(),
            response_bytes: Histogram::new(),
            next: OnceLock::new(),
        }
    }

    pub(super) fn observe(&self, sample: &Sample) {
        let nanoseconds = u64::try_from(sample.duration.as_nanos()).unwrap_or(u64::MAX);
        self.duration.observe(&DURATION, nanoseconds);
        self.request_bytes.observe(&SIZE, sample.request_bytes);
        self.response_bytes.observe(&SIZE, sample.response_bytes);
    }
}

/// The series of one route, in the order in which they came up: a list that only grows, read without a lock. It is
/// short, and what is asked for most comes up first.
#[derive(Debug, Default)]
pub(super) struct List {
    first: OnceLock<Box<Series>>,
}

impl List {
    /// Finds the series with this key, or makes it when `may_grow` says yes.
    pub(super) fn find(&self, key: Key, may_grow: impl FnOnce() -> bool) -> Option<&Series> {
        let mut slot = &self.first;
        while let Some(series) = slot.get() {
            if series.key == key {
                return Some(series);
            }
            slot = &series.next;
        }
        if !may_grow() {
            return None;
        }
        loop {
            // another thread may be first, with this key or another
            let series = slot.get_or_init(|| Box::new(Series::new(key)));
            if series.key == key {
                return Some(series);
            }
            slot = &series.next;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Series> {
        std::iter::successors(self.first.get(), |series| series.next.get()).map(Box::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_back_what_went_into_it() {
        let sample = Sample {
            route: None,
            verb: Verb::OTHER,
            version: Version::HTTP_10,
            secure: true,
            status: 503,
            failure: Some(Failure::Timeout),
            duration: Duration::ZERO,
            request_bytes: 0,
            response_bytes: 0,
        };
        let key = Key::of(&sample);
        assert_eq!(key.verb(), Verb::OTHER);
        assert_eq!((key.scheme(), key.version()), ("https", "1.0"));
        assert_eq!(key.status(), 503);
        assert_eq!(key.failure(), Some(Failure::Timeout));
        assert_ne!(key, Key::OVERFLOW);
    }

    #[test]
    fn threads_that_meet_make_one_series_a_key() {
        let list = List::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..50 {
                        let series = list.find(Key(number), || true).unwrap();
                        series.request_bytes.observe(&SIZE, 1);
                    }
                });
            }
        });
        assert_eq!(list.iter().count(), 50);
    }
}
