//! Products in the database.

use std::sync::Arc;

use async_trait::async_trait;
use atlas::{
    db::{
        Db, Error as DbError,
        sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect},
        seek,
    },
    prelude::*,
};

use super::{
    Product, ProductId, ProductSearch, Products,
    query::{column, condition},
    table::{Column, Entity, Model, row},
};

struct SqlProducts {
    db: Db,
}

/// Keeps products in the database.
pub(super) fn sql(db: Db) -> Arc<dyn Products> {
    Arc::new(SqlProducts { db })
}

#[async_trait]
impl Products for SqlProducts {
    async fn list(&self, search: &ProductSearch) -> Result<Vec<Product>> {
        let order: Vec<_> = search
            .order
            .iter()
            .map(|(key, descending)| (column(*key), *descending))
            .collect();
        let rows = seek(Entity::find(), &order, search.after.as_deref())?
            .filter(condition(&search.filter))
            .limit(search.limit)
            .all(&self.db)
            .await
            .map_err(DbError::from)?;
        Ok(rows.into_iter().map(Product::from).collect())
    }

    async fn find(&self, id: &ProductId) -> Result<Option<Product>> {
        let found: Option<Model> = Entity::find_by_id(id.as_str())
            .one(&self.db)
            .await
            .map_err(DbError::from)?;
        Ok(found.map(Product::from))
    }

    async fn add(&self, product: &Product) -> Result<()> {
        let insert = Entity::insert(row(product.clone()));
        insert
            .exec_without_returning(&self.db)
            .await
            .map_err(DbError::from)?;
        Ok(())
    }

    async fn change(&self, product: &Product) -> Result<bool> {
        let update = Entity::update_many().set(row(product.clone()));
        let update = update
            .filter(Column::Id.eq(product.id.as_str()))
            .exec(&self.db);
        Ok(update.await.map_err(DbError::from)?.rows_affected > 0)
    }

    async fn remove(&self, id: &ProductId) -> Result<bool> {
        let delete = Entity::delete_by_id(id.as_str()).exec(&self.db);
        Ok(delete.await.map_err(DbError::from)?.rows_affected > 0)
    }
}
