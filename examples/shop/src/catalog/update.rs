//! What a client sends to change a product.

use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Money, ProductDetails};

/// What a product shall be from now on.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateProduct {
    /// What it is called.
    #[garde(length(chars, min = 1, max = 255))]
    name: String,
    /// What it is.
    #[garde(length(chars, max = 10_000))]
    description: String,
    /// The path of its picture.
    #[garde(length(chars, max = 255))]
    picture: String,
    /// What it costs.
    #[garde(dive)]
    price: Money,
    /// Where it stands in the shop: at most ten categories.
    #[garde(length(max = 10), inner(length(chars, min = 1, max = 40)))]
    #[schemars(inner(regex(pattern = "^[a-z0-9-]+$")))]
    categories: Vec<String>,
}

impl From<UpdateProduct> for ProductDetails {
    fn from(it: UpdateProduct) -> Self {
        Self {
            name: it.name,
            description: it.description,
            picture: it.picture,
            price: it.price,
            categories: it.categories,
        }
    }
}
