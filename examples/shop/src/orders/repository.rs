//! Orders in the database.

use std::sync::Arc;

use async_trait::async_trait;
use atlas::{
    db::{
        Db, Error as DbError,
        sea_orm::{
            ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
            prelude::ChronoDateTimeUtc,
        },
        seek,
    },
    prelude::*,
};

use super::{
    Order, OrderId, OrderSearch, Orders,
    query::{column, condition},
    table::{Column, Entity, Model, row},
};

struct SqlOrders {
    db: Db,
}

/// Keeps orders in the database.
pub(super) fn sql(db: Db) -> Arc<dyn Orders> {
    Arc::new(SqlOrders { db })
}

#[async_trait]
impl Orders for SqlOrders {
    async fn list(&self, search: &OrderSearch) -> Result<Vec<Order>> {
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
        Ok(rows.into_iter().map(Order::from).collect())
    }

    async fn find(&self, id: OrderId) -> Result<Option<Order>> {
        let found: Option<Model> = Entity::find_by_id(id.column())
            .one(&self.db)
            .await
            .map_err(DbError::from)?;
        Ok(found.map(Order::from))
    }

    async fn add(&self, order: &Order) -> Result<()> {
        let insert = Entity::insert(row(order.clone()));
        insert
            .exec_without_returning(&self.db)
            .await
            .map_err(DbError::from)?;
        Ok(())
    }

    async fn placed_since(&self, moment: ChronoDateTimeUtc) -> Result<u64> {
        let placed = Entity::find().filter(Column::PlacedAt.gte(moment));
        Ok(placed.count(&self.db).await.map_err(DbError::from)?)
    }
}
