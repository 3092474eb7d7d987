//! What identifies an order.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What identifies an order: a UUID that begins with the time it was made at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct OrderId(Uuid);

impl OrderId {
    /// A fresh one.
    pub fn fresh() -> Self {
        Self(Uuid::now_v7())
    }

    /// As the database has it.
    pub(super) fn column(self) -> Uuid {
        self.0
    }

    /// The one that the database holds.
    pub(super) fn from_column(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
