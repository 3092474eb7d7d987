//! The product, and what keeps products.

use async_trait::async_trait;
use atlas::prelude::*;

use super::{Money, ProductId, ProductSearch};

/// A product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// What identifies it.
    pub id: ProductId,
    /// What is known of it.
    pub details: ProductDetails,
}

/// What is known of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductDetails {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub description: String,
    /// The path of its picture.
    pub picture: String,
    /// What it costs.
    pub price: Money,
    /// Where it stands in the shop.
    pub categories: Vec<String>,
}

/// What keeps products.
#[async_trait]
pub trait Products: Send + Sync {
    /// A stretch of the list.
    async fn list(&self, search: &ProductSearch) -> Result<Vec<Product>>;

    /// The product of this id, if there is one.
    async fn find(&self, id: &ProductId) -> Result<Option<Product>>;

    /// Adds a product; there is none of its id yet.
    async fn add(&self, product: &Product) -> Result<()>;

    /// Changes a product; says whether there was one of its id.
    async fn change(&self, product: &Product) -> Result<bool>;

    /// Removes a product; says whether there was one.
    async fn remove(&self, id: &ProductId) -> Result<bool>;
}

/// There is no such product.
pub(super) fn not_found(id: &ProductId) -> Error {
    Error::not_found("product_not_found", format!("there is no product `{id}`"))
}
