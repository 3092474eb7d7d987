//! What can be asked of the list of orders.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A stretch of the list of orders.
#[derive(Clone, Debug)]
pub struct OrderSearch {
    /// Which orders.
    pub filter: OrderFilter,
    /// In which order, each key with whether it descends; the last one is the id.
    pub order: Vec<(OrderSort, bool)>,
    /// The keys of the order before the first one.
    pub after: Option<Vec<Value>>,
    /// The most orders.
    pub limit: u64,
}

/// What the list can be filtered by.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct OrderFilter {
    /// Orders with this email.
    #[garde(length(chars, min = 1, max = 255))]
    pub email: Option<String>,
    /// Orders with this text in email or product.
    #[garde(length(chars, min = 1, max = 100))]
    pub text: Option<String>,
}

/// What the list can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderSort {
    /// Its email.
    Email,
    /// The id, which no two orders share.
    Id,
}
