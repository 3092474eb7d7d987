//! What clients learn whose cursor is older than the table.

use std::sync::Arc;

use async_trait::async_trait;
use atlas::prelude::Result;
use atlas_test::TestApp;
use serde_json::json;
use shop::catalog::{Product, ProductId, ProductSearch, Products};

/// The products of a shop, asked with the cursor of a release whose names were numbers.
struct Outdated(Arc<dyn Products>);

#[async_trait]
impl Products for Outdated {
    async fn list(&self, search: &ProductSearch) -> Result<Vec<Product>> {
        let mut search = search.clone();
        search.after = Some(vec![json!(7); search.order.len()]);
        self.0.list(&search).await
    }
    async fn find(&self, id: &ProductId) -> Result<Option<Product>> {
        self.0.find(id).await
    }
    async fn add(&self, product: &Product) -> Result<()> {
        self.0.add(product).await
    }
    async fn change(&self, product: &Product) -> Result<bool> {
        self.0.change(product).await
    }
    async fn remove(&self, id: &ProductId) -> Result<bool> {
        self.0.remove(id).await
    }
}

#[tokio::test]
async fn a_cursor_whose_values_have_other_types_is_the_clients_error() {
    let shop = TestApp::start(shop::app()).await;
    let products: Arc<dyn Products> = shop.component();
    let outdated = TestApp::builder(shop::app())
        .replace(move || -> Arc<dyn Products> { Arc::new(Outdated(products.clone())) })
        .start()
        .await;
    outdated
        .get("/products")
        .await
        .status(400)
        .problem("invalid_cursor");
}
