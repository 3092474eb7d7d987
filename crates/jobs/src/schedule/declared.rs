//! What a schedule is.

use std::time::Duration;

use super::Cron;
use crate::{
    Error, Job, Options, Result, Time, handler, name,
    store::{Misfire, ScheduleRecord},
};

/// A job that is enqueued again and again, at the times of a cron expression: see [`Cron`].
///
/// ```
/// use atlas_jobs::{Job, Schedule};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct NightlySummary;
///
/// impl Job for NightlySummary {
///     const KIND: &'static str = "nightly_summary";
/// }
///
/// let schedule = Schedule::cron("nightly_summary", "0 3 * * *", || NightlySummary).zone("Europe/Berlin");
/// assert_eq!(schedule.name(), "nightly_summary");
/// ```
#[derive(Clone, Debug)]
pub struct Schedule {
    record: ScheduleRecord,
    wrong: Option<String>,
}

impl atlas_core::Component for Schedule {}

impl Schedule {
    /// Enqueues what `job` makes, which is made once, at these times of UTC.
    pub fn cron<J: Job>(
        name: impl Into<String>,
        cron: impl Into<String>,
        job: impl FnOnce() -> J,
    ) -> Self {
        let job = job();
        let kind = handler::stored(J::KIND, J::VERSION);
        let (payload, wrong) = match serde_json::to_string(&job) {
            Ok(payload) => (payload, None),
            Err(error) => (
                String::new(),
                Some(format!("a `{kind}` cannot be written as JSON: {error}")),
            ),
        };
        let mut schedule = Self::new(name.into(), cron.into(), kind, payload);
        schedule.record.options = Options {
            // it is decided where the job runs
            backoff: None,
            ..job.options()
        };
        schedule.wrong = wrong;
        schedule
    }

    /// Enqueues a job of this kind with this payload: for schedules that are made at run time.
    pub fn of_kind(
        name: impl Into<String>,
        cron: impl Into<String>,
        kind: impl Into<String>,
        payload: &serde_json::Value,
    ) -> Self {
        Self::new(name.into(), cron.into(), kind.into(), payload.to_string())
    }

    /// As [`of_kind`](Self::of_kind), with the JSON as it was written: a number may have more digits than any type holds.
    pub fn of_raw(
        name: impl Into<String>,
        cron: impl Into<String>,
        kind: impl Into<String>,
        payload: impl Into<String>,
    ) -> Self {
        let payload = payload.into();
        let read: Result<serde::de::IgnoredAny, _> = serde_json::from_str(&payload);
        let wrong = read
            .err()
            .map(|error| format!("the payload is no JSON: {error}"));
        let mut schedule = Self::new(name.into(), cron.into(), kind.into(), payload);
        schedule.wrong = wrong;
        schedule
    }

    fn new(name: String, cron: String, kind: String, payload: String) -> Self {
        Self {
            record: ScheduleRecord {
                name,
                cron,
                zone: "UTC".to_owned(),
                kind,
                payload,
                queue: None,
                options: Options::new(),
                jitter_ms: 0,
                misfire: Misfire::default(),
                paused: false,
                from_code: false,
                declared_at: None,
                last_tick: None,
                next_tick: None,
            },
            wrong: None,
        }
    }

    /// The zone of the IANA database whose wall clock counts; `UTC` otherwise.
    #[must_use]
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.record.zone = zone.into();
        self
    }

    /// The longest random delay of each job; none otherwise. The ticks themselves do not move.
    #[must_use]
    pub fn jitter(mut self, longest: Duration) -> Self {
        self.record.jitter_ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// What happens with ticks that no process was there for; [`Misfire::Once`] otherwise.
    #[must_use]
    pub fn misfire(mut self, misfire: Misfire) -> Self {
        self.record.misfire = misfire;
        self
    }

    /// The queue of its jobs; that of the job otherwise.
    #[must_use]
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.record.queue = Some(queue.into());
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.record.name
    }

    /// The kind of its jobs, with the version of the payload as in [`ScheduleRecord::kind`].
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.record.kind
    }

    /// What a store keeps of it, if all that it says can be; its next tick is the first after `now`.
    pub(super) fn record(&self, now: Time) -> Result<ScheduleRecord> {
        let record = &self.record;
        let wrong = |what: String| Error::Invalid(format!("schedule `{}`: {what}", record.name));
        if let Some(what) = &self.wrong {
            return Err(wrong(what.clone()));
        }
        let (kind, _) = handler::split(&record.kind);
        for (what, text) in [
            ("name", Some(record.name.as_str())),
            ("kind", Some(kind)),
            ("queue", record.queue.as_deref()),
            ("queue", record.options.queue.as_deref()),
        ] {
            if let Some(text) = text.filter(|text| !name::is_name(text)) {
                return Err(wrong(format!(
                    "`{text}` cannot be its {what}: {}",
                    name::RULE
                )));
            }
        }
        if record.jitter_ms > 86_400_000 {
            return Err(wrong(
                "the jitter is longer than a day; give at most 24 hours".to_owned(),
            ));
        }
        let cron =
            Cron::new(&record.cron, &record.zone).map_err(|error| wrong(error.to_string()))?;
        let next = cron.after(now);
        if next.is_none() {
            return Err(wrong(format!(
                "`{}` never fires: there is no such day",
                record.cron
            )));
        }
        Ok(ScheduleRecord {
            next_tick: next,
            ..record.clone()
        })
    }
}

impl ScheduleRecord {
    /// Takes over what a change of a schedule leaves as it is: whether it is paused, its last tick and, if its times are
    /// the same, its next one.
    pub(super) fn go_on_as(&mut self, known: &Self) {
        if self.cron == known.cron && self.zone == known.zone && known.next_tick.is_some() {
            self.next_tick = known.next_tick;
        }
        (self.paused, self.last_tick) = (known.paused, known.last_tick);
    }

    /// Says whether a change of this one into `other` would change anything that somebody has said: not when it is
    /// paused, has fired or was declared again.
    pub(crate) fn says_the_same_as(&self, other: &Self) -> bool {
        *self
            == Self {
                paused: self.paused,
                last_tick: self.last_tick,
                declared_at: self.declared_at,
                ..other.clone()
            }
    }
}
