//! What clients see.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Money, Product, ProductId};

/// A product.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ProductView {
    /// What identifies it.
    id: ProductId,
    /// What it is called.
    name: String,
    /// What it is.
    description: String,
    /// The path of its picture.
    picture: String,
    /// What it costs.
    price: Money,
    /// Where it stands in the shop.
    categories: Vec<String>,
}

impl From<Product> for ProductView {
    fn from(Product { id, details }: Product) -> Self {
        Self {
            id,
            name: details.name,
            description: details.description,
            picture: details.picture,
            price: details.price,
            categories: details.categories,
        }
    }
}
