//! What clients learn when the products are away: nothing of the inside.

use std::sync::Arc;

use async_trait::async_trait;
use atlas::prelude::{Error, Result};
use atlas_test::TestApp;
use shop::catalog::{Product, ProductId, ProductSearch, Products};

/// A place where products are kept that is away.
struct Away;

#[async_trait]
impl Products for Away {
    async fn list(&self, _: &ProductSearch) -> Result<Vec<Product>> {
        Err(Error::unavailable("away", "the shelf of secrets is away"))
    }
    async fn find(&self, _: &ProductId) -> Result<Option<Product>> {
        Err(Error::internal("the shelf of secrets fell over"))
    }
    async fn add(&self, _: &Product) -> Result<()> {
        Ok(())
    }
    async fn change(&self, _: &Product) -> Result<bool> {
        Ok(true)
    }
    async fn remove(&self, _: &ProductId) -> Result<bool> {
        Ok(true)
    }
}

#[tokio::test]
async fn a_shop_whose_products_are_away_says_no_more_than_that() {
    let shop = TestApp::builder(shop::app())
        .replace(|| -> Arc<dyn Products> { Arc::new(Away) })
        .start()
        .await;
    let unavailable = shop.get("/products").await.status(503).problem("away");
    let failed = shop
        .get("/products/OLJCESPC7Z")
        .await
        .status(500)
        .problem("internal");
    assert!(!unavailable.text().contains("secrets") && !failed.text().contains("secrets"));
}
