//! What clients see.

use atlas::db::sea_orm::prelude::ChronoDateTimeUtc;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Order, OrderId};
use crate::catalog::ProductId;

/// An order.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OrderView {
    /// What identifies it.
    id: OrderId,
    /// Where the receipt goes.
    email: String,
    /// What is bought.
    product: ProductId,
    /// How many of it.
    quantity: i32,
    /// When it was placed.
    placed_at: ChronoDateTimeUtc,
}

impl From<Order> for OrderView {
    fn from(order: Order) -> Self {
        Self {
            id: order.id,
            email: order.details.email,
            product: order.details.product,
            quantity: order.details.quantity,
            placed_at: order.placed_at,
        }
    }
}
