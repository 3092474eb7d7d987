//! What identifies a product.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What identifies a product: a number that the database gives.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ProductId(i64);

impl ProductId {
    /// As the database has it.
    pub(super) fn column(&self) -> i64 {
        self.0
    }

    /// The one that the database holds.
    pub(super) fn from_column(id: i64) -> Self {
        Self(id)
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
