//! What can be asked of the list of products.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A stretch of the list of products.
#[derive(Clone, Debug)]
pub struct ProductSearch {
    /// Which products.
    pub filter: ProductFilter,
    /// In which order, each key with whether it descends; the last one is the id.
    pub order: Vec<(ProductSort, bool)>,
    /// The keys of the product before the first one.
    pub after: Option<Vec<Value>>,
    /// The most products.
    pub limit: u64,
}

/// What the list can be filtered by.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ProductFilter {
    /// Products of this category.
    #[garde(length(chars, min = 1, max = 40))]
    #[schemars(regex(pattern = "^[a-z0-9-]+$"))]
    pub category: Option<String>,
    /// Products with this text in name or description.
    #[garde(length(chars, min = 1, max = 100))]
    pub text: Option<String>,
}

/// What the list can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProductSort {
    /// The name.
    Name,
    /// The id, which no two products share.
    Id,
}
