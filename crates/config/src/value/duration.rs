//! Spans of time as people write them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A span of time as people write it: `250ms`, `30s`, `1.5h`, `1h30m`.
///
/// Units are `ns`, `us`, `ms`, `s`, `m`, `h` and `d`; a number without unit is refused, because half of all readers would
/// guess wrong. It dereferences to [`std::time::Duration`] and converts both ways.
///
/// ```
/// use atlas_config::Duration;
///
/// let limit: Duration = "1m30s".parse()?;
/// assert_eq!(limit.as_secs(), 90);
/// assert_eq!(Duration::from_secs(90).to_string(), "1m30s");
/// # Ok::<(), atlas_config::ParseDurationError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(std::time::Duration);

/// Units from the longest, in nanoseconds.
const UNITS: [(&str, u128); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl Duration {
    /// So many seconds.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(std::time::Duration::from_secs(seconds))
    }

    /// So many thousandths of a second.
    #[must_use]
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self(std::time::Duration::from_millis(milliseconds))
    }

    /// The standard library's type, which every API asks for.
    #[must_use]
    pub const fn get(self) -> std::time::Duration {
        self.0
    }
}

impl Deref for Duration {
    type Target = std::time::Duration;

    fn deref(&self) -> &std::time::Duration {
        &self.0
    }
}

impl From<std::time::Duration> for Duration {
    fn from(duration: std::time::Duration) -> Self {
        Self(duration)
    }
}

impl From<Duration> for std::time::Duration {
    fn from(duration: Duration) -> Self {
        duration.0
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_nanos();
        if rest == 0 {
            return f.write_str("0s");
        }
        for (unit, size) in UNITS {
            let count = rest / size;
            if count > 0 {
                write!(f, "{count}{unit}")?;
                rest %= size;
            }
        }
        Ok(())
    }
}

/// A text that is no span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseDurationError(&'static str);

impl fmt::Display for ParseDurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for ParseDurationError {}

impl FromStr for Duration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, ParseDurationError> {
        const WRONG: ParseDurationError =
            ParseDurationError("expected a duration such as `250ms`, `30s`, `5m` or `1h30m`");
        const TOO_LONG: ParseDurationError = ParseDurationError("is longer than a duration can be");
        let mut rest = text;
        let mut total: u128 = 0;
        if rest.is_empty() {
            return Err(WRONG);
        }
        while !rest.is_empty() {
            let digits = rest
                .find(|it: char| !it.is_ascii_digit() && it != '.')
                .ok_or(WRONG)?;
            let (number, tail) = rest.split_at(digits);
            let letters = tail
                .find(|it: char| !it.is_ascii_lowercase())
                .unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            let (_, size) = UNITS
                .into_iter()
                .find(|(name, _)| *name == unit)
                .ok_or(WRONG)?;
            let amount = nanoseconds(number, size).ok_or(WRONG)?;
            total = total.checked_add(amount.ok_or(TOO_LONG)?).ok_or(TOO_LONG)?;
            rest = tail;
        }
        let seconds = u64::try_from(total / 1_000_000_000).map_err(|_| TOO_LONG)?;
        let nanoseconds = u32::try_from(total % 1_000_000_000).map_err(|_| TOO_LONG)?;
        Ok(Self(std::time::Duration::new(seconds, nanoseconds)))
    }
}

/// `number` units of `size` nanoseconds; nothing if it is no number, nothing within if it is too large.
fn nanoseconds(number: &str, size: u128) -> Option<Option<u128>> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || fraction.contains('.') || fraction.len() > 18 {
        return None;
    }
    let Ok(whole) = whole.parse::<u128>() else {
        return Some(None);
    };
    let tenths: u128 = fraction.parse().ok()?;
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    Some(
        whole
            .checked_mul(size)
            .and_then(|it| it.checked_add(tenths * size / scale)),
    )
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Duration {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|d))+$",
            "x-type": "duration",
            "x-expected": "a duration such as `250ms`, `30s`, `5m` or `1h30m`",
        })
    }
}
