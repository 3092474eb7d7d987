//! The day a migration is named after.

use std::{fmt, time::SystemTime};

use crate::{Error, Result};

/// A day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: i64,
    month: u32,
    day: u32,
}

impl Day {
    /// Today; or the day of `SOURCE_DATE_EPOCH` (seconds since 1970), for output that can be reproduced.
    ///
    /// # Errors
    /// When that variable is no number, or the clock stands before 1970.
    pub fn today() -> Result<Self> {
        let seconds = match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(text) => text.parse().map_err(|_| {
                Error::usage(format!("`{text}` is no number of seconds"))
                    .place("SOURCE_DATE_EPOCH")
                    .help("unset the variable, or give it a Unix time")
            })?,
            Err(_) => SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_err(|error| {
                    Error::new("the clock of this machine stands before 1970").source(error)
                })?
                .as_secs(),
        };
        Ok(Self::of(seconds))
    }

    /// The day of a Unix time.
    #[must_use]
    pub fn of(seconds: u64) -> Self {
        // days and eras of 400 years from 0000-03-01, so that a leap day ends its year
        let days = i64::try_from(seconds / 86_400).unwrap_or(i64::MAX / 2) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        Self {
            year: year + era * 400 + i64::from(month <= 2),
            month: u32::try_from(month).unwrap_or(1),
            day: u32::try_from(day).unwrap_or(1),
        }
    }
}

impl fmt::Display for Day {
    /// `20261122`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}{:02}{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, day) in [
            (0, "19700101"),
            (951_782_400, "20000229"),
            (1_709_164_799, "20240228"),
            (1_709_164_800, "20240229"),
            (1_735_689_599, "20241231"),
            (1_795_305_600, "20261122"),
            (4_107_542_400, "21000301"),
        ] {
            assert_eq!(Day::of(seconds).to_string(), day, "{seconds}");
        }
    }
}
