//! Exact numbers with four decimal places.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const PLACES: usize = 4;
const ONE: i64 = 10_i64.pow(PLACES as u32);

/// An exact number with four decimal places, below 10¹⁴: prices, weights, rates. In JSON a string, because a JSON number
/// is a float to most readers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i64);

impl Decimal {
    /// What so many ten-thousandths make.
    #[must_use]
    pub fn from_ten_thousandths(count: i64) -> Self {
        Self(count)
    }

    /// How many ten-thousandths it has; so it is kept in databases, where it can be compared and added.
    #[must_use]
    pub fn ten_thousandths(self) -> i64 {
        self.0
    }
}

/// A text that is no decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotDecimal;

impl fmt::Display for NotDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a decimal such as `-12.5`: at most 14 digits before and 4 behind the point")
    }
}

impl std::error::Error for NotDecimal {}

impl FromStr for Decimal {
    type Err = NotDecimal;

    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, part) = digits.split_once('.').map_or((digits, "0"), |parts| parts);
        let plain = |digits: &str, most: usize| {
            (1..=most).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
        };
        if !plain(whole, 14) || !plain(part, PLACES) {
            return Err(NotDecimal);
        }
        let number = |digits: &str| digits.parse::<i64>().map_err(|_| NotDecimal);
        let part = number(&format!("{part:0<PLACES$}"))?;
        Ok(Self(sign * (number(whole)? * ONE + part)))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, one) = (self.0.unsigned_abs(), ONE.unsigned_abs());
        let sign = if self.0 < 0 { "-" } else { "" };
        let part = format!("{:0PLACES$}", count % one);
        match part.trim_end_matches('0') {
            "" => write!(f, "{sign}{}", count / one),
            part => write!(f, "{sign}{}.{part}", count / one),
        }
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$",
            "description": "An exact number with at most four decimal places.",
            "examples": ["12.5"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Decimal, NotDecimal};

    #[test]
    fn decimals_are_exact_in_both_directions() {
        for (text, count) in [("0", 0), ("12.5", 125_000), ("-0.0001", -1), ("99999999999999.9999", 999_999_999_999_999_999)] {
            let decimal: Decimal = text.parse().unwrap();
            assert_eq!((decimal.ten_thousandths(), decimal.to_string().as_str()), (count, text));
        }
        assert_eq!("007.50".parse::<Decimal>().unwrap().to_string(), "7.5");
        assert_eq!("-0".parse::<Decimal>().unwrap().to_string(), "0");
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", "-", ".5", "5.", "1e3", "1.23456", "+1", "123456789012345", " 1", "1,5", "--1", "1.2.3"] {
            assert_eq!(text.parse::<Decimal>(), Err(NotDecimal), "{text}");
        }
    }
}
