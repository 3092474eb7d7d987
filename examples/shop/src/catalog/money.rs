//! Amounts of money.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An amount of money: whole units of a currency and billionths of a unit, never a float and never negative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// The currency by its three letters (ISO 4217), such as `USD`.
    #[garde(skip)]
    #[schemars(regex(pattern = "^[A-Z]{3}$"))]
    pub currency_code: String,
    /// Whole units of the currency.
    #[garde(range(min = 0))]
    pub units: i64,
    /// Billionths of a unit.
    #[garde(range(min = 0, max = 999_999_999))]
    pub nanos: i32,
}
