//! What identifies a product.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// What identifies a product: ten letters and digits, such as `OLJCESPC7Z`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ProductId(#[schemars(regex(pattern = "^[0-9A-Z]{10}$"))] String);

impl ProductId {
    /// A fresh one, from the random part of a UUID: two of a million are alike with a chance of one in ten thousand.
    pub fn fresh() -> Self {
        let mut rest = Uuid::now_v7().as_u128() & ((1 << 62) - 1);
        let letters = (0..10).map(|_| {
            let letter = LETTERS[(rest % 36) as usize];
            rest /= 36;
            char::from(letter)
        });
        Self(letters.collect())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its text, for the database.
    pub(crate) fn into_column(self) -> String {
        self.0
    }

    /// The one that the database holds.
    pub(crate) fn from_column(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
