//! When a schedule fires.

use std::str::FromStr;

use chrono::{DateTime, Days};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds, Year};

use crate::{Error, Result, Time, clock::LATEST, name};

/// How many days lie between a tick and the first midnight behind a day that is left out, at most.
const LEFT_OUT: u64 = 2;

/// The times of a cron expression in a zone.
///
/// Five fields, or six with seconds first; names of months and days, `L` and `#` work. Where clocks are moved:
///
/// - a schedule whose second, minute and hour are single numbers fires once on each of its days: at the first moment after
///   the gap when its time is left out, and at the first of two when its time comes twice;
/// - any other follows the wall clock: nothing fires in the gap, and a time that comes twice fires twice.
///
/// ```
/// use atlas_jobs::Cron;
///
/// let cron = Cron::new("30 2 * * *", "Europe/Berlin")?;
/// let before = "2026-03-28T12:00:00Z".parse().expect("a time");
/// // 02:30 is left out on 29 March: it fires when the clock says 03:00
/// assert_eq!(cron.after(before).expect("a tick").to_rfc3339(), "2026-03-29T01:00:00+00:00");
/// # Ok::<(), atlas_jobs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cron {
    cron: croner::Cron,
    zone: Tz,
}

impl Cron {
    /// Reads an expression and the name of a zone of the IANA database.
    ///
    /// # Errors
    ///
    /// [`Invalid`](Error::Invalid), which says what is wrong with which field.
    pub fn new(cron: &str, zone: &str) -> Result<Self> {
        let tz = Tz::from_str(zone).map_err(|_| unknown_zone(zone))?;
        let parser = CronParser::builder()
            .seconds(Seconds::Optional)
            .year(Year::Disallowed)
            .build();
        let parsed = parser.parse(cron).map_err(|error| {
            let place = wrong_field(&parser, cron).unwrap_or_default();
            Error::Invalid(format!(
                "`{cron}` is no cron expression: {place}{error}; five fields (minute hour day month weekday), or six with \
                 seconds first: `30 3 * * MON-FRI`"
            ))
        })?;
        Ok(Self {
            cron: parsed,
            zone: tz,
        })
    }

    /// The first tick after this time; `None` if there is none, as for 30 February.
    #[must_use]
    pub fn after(&self, time: Time) -> Option<Time> {
        let local = time.with_timezone(&self.zone);
        let search =
            |from: &DateTime<Tz>, inclusive| self.cron.find_next_occurrence(from, inclusive).ok();
        let next = search(&local, false).or_else(|| {
            // a day that a zone left out whole, as Apia did in 2011, ends the search: it goes on behind it
            let midnight = |days| {
                local
                    .date_naive()
                    .checked_add_days(days)?
                    .and_hms_opt(0, 0, 0)
            };
            (1..=LEFT_OUT).find_map(|days| {
                let midnight = midnight(Days::new(days))?.and_local_timezone(self.zone);
                let midnight = midnight.earliest()?;
                search(&midnight, true)
            })
        })?;
        let next = next.to_utc();
        (next > time && next < LATEST).then_some(next)
    }

    /// The last tick at this time or before.
    pub(super) fn until(&self, time: Time) -> Option<Time> {
        let local = time.with_timezone(&self.zone);
        let last = self.cron.find_previous_occurrence(&local, true).ok()?;
        Some(last.to_utc())
    }

    /// What it means, in English.
    #[must_use]
    pub fn describe(&self) -> String {
        format!("{} ({})", self.cron.describe(), self.zone.name())
    }
}

fn unknown_zone(zone: &str) -> Error {
    let names = || chrono_tz::TZ_VARIANTS.iter().map(|it| it.name());
    let city = |name: &str| {
        let (_, city) = name.rsplit_once('/')?;
        Some(city.eq_ignore_ascii_case(zone))
    };
    let near = name::closest(zone, names()).or_else(|| names().find(|it| city(it) == Some(true)));
    let hint = near.map_or_else(
        || "a name of the IANA database such as `Europe/Berlin`".to_owned(),
        |it| format!("did you mean `{it}`?"),
    );
    Error::Invalid(format!("there is no time zone `{zone}`: {hint}"))
}

/// Which field is wrong: the first that does not parse when all others are `*`.
fn wrong_field(parser: &CronParser, cron: &str) -> Option<String> {
    const NAMES: [&str; 6] = ["second", "minute", "hour", "day", "month", "weekday"];
    let fields: Vec<_> = cron.split_whitespace().collect();
    let names = NAMES.get(6_usize.checked_sub(fields.len())?..)?;
    if fields.len() < 5 {
        return None;
    }
    fields
        .iter()
        .zip(names)
        .enumerate()
        .find_map(|(at, (field, name))| {
            let mut alone = vec!["*"; fields.len()];
            alone[at] = field;
            let wrong = parser.parse(&alone.join(" ")).is_err();
            wrong.then(|| format!("the {name} `{field}` is wrong: "))
        })
}
