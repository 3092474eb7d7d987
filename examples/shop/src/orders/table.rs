//! The table of orders, and how a row becomes an order.

use atlas::db::sea_orm::{self, entity::prelude::*};

use super::{Order, OrderDetails, OrderId};
use crate::catalog::ProductId;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) email: String,
    pub(super) product: String,
    pub(super) quantity: i32,
    pub(super) placed_at: ChronoDateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Order {
    fn from(row: Model) -> Self {
        Self {
            id: OrderId::from_column(row.id),
            details: OrderDetails {
                email: row.email,
                product: ProductId::from_column(row.product),
                quantity: row.quantity,
            },
            placed_at: row.placed_at,
        }
    }
}

impl From<Order> for Model {
    fn from(
        Order {
            id,
            details,
            placed_at,
        }: Order,
    ) -> Self {
        Self {
            id: id.column(),
            email: details.email,
            product: details.product.into_column(),
            quantity: details.quantity,
            placed_at,
        }
    }
}

/// A row with every column to be written.
pub(super) fn row(order: Order) -> ActiveModel {
    ActiveModel::from(Model::from(order)).reset_all()
}
