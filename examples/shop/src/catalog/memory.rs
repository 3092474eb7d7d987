//! Products in memory, for tests of use cases.

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;
use atlas::prelude::*;

use super::{Product, ProductId, ProductSearch, Products};

/// Keeps products in memory.
#[derive(Default)]
pub(super) struct Memory(Mutex<BTreeMap<ProductId, Product>>);

#[async_trait]
impl Products for Memory {
    async fn list(&self, search: &ProductSearch) -> Result<Vec<Product>> {
        Ok(self
            .0
            .lock()
            .unwrap()
            .values()
            .take(search.limit as usize)
            .cloned()
            .collect())
    }

    async fn find(&self, id: &ProductId) -> Result<Option<Product>> {
        Ok(self.0.lock().unwrap().get(id).cloned())
    }

    async fn add(&self, product: &Product) -> Result<()> {
        self.0
            .lock()
            .unwrap()
            .insert(product.id.clone(), product.clone());
        Ok(())
    }

    async fn change(&self, product: &Product) -> Result<bool> {
        let mut all = self.0.lock().unwrap();
        let known = all.get_mut(&product.id);
        Ok(known.map(|it| it.clone_from(product)).is_some())
    }

    async fn remove(&self, id: &ProductId) -> Result<bool> {
        Ok(self.0.lock().unwrap().remove(id).is_some())
    }
}
