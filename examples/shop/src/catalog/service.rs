//! What can be done with products.

use std::sync::Arc;

use atlas::prelude::*;

use super::{Product, ProductDetails, ProductId, ProductSearch, Products, product::not_found};

/// What can be done with products.
#[derive(Clone, Component)]
pub struct ProductService {
    products: Arc<dyn Products>,
}

impl ProductService {
    /// The use cases over a place where products are kept.
    pub fn new(products: Arc<dyn Products>) -> Self {
        Self { products }
    }

    /// Lists products.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list(&self, search: &ProductSearch) -> Result<Vec<Product>> {
        self.products.list(search).await
    }

    /// Shows a product.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn show(&self, id: &ProductId) -> Result<Product> {
        self.products.find(id).await?.ok_or_else(|| not_found(id))
    }

    /// Adds a product under a fresh id.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn create(&self, details: ProductDetails) -> Result<Product> {
        let product = Product {
            id: ProductId::fresh(),
            details,
        };
        self.products.add(&product).await?;
        Ok(product)
    }

    /// Gives a product other details.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn update(&self, id: ProductId, details: ProductDetails) -> Result<Product> {
        let product = Product { id, details };
        match self.products.change(&product).await? {
            true => Ok(product),
            false => Err(not_found(&product.id)),
        }
    }

    /// Removes a product.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn delete(&self, id: &ProductId) -> Result<()> {
        match self.products.remove(id).await? {
            true => Ok(()),
            false => Err(not_found(id)),
        }
    }
}
