//! The order, and what keeps orders.

use async_trait::async_trait;
use atlas::{db::sea_orm::prelude::ChronoDateTimeUtc, prelude::*};

use super::{OrderId, OrderSearch};
use crate::catalog::ProductId;

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What identifies it.
    pub id: OrderId,
    /// What the customer said.
    pub details: OrderDetails,
    /// When it was placed, to the second.
    pub placed_at: ChronoDateTimeUtc,
}

/// What a customer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderDetails {
    /// Where the receipt goes.
    pub email: String,
    /// What is bought.
    pub product: ProductId,
    /// How many of it.
    pub quantity: i32,
}

/// What keeps orders.
#[async_trait]
pub trait Orders: Send + Sync {
    /// A stretch of the list.
    async fn list(&self, search: &OrderSearch) -> Result<Vec<Order>>;

    /// The order of this id, if there is one.
    async fn find(&self, id: OrderId) -> Result<Option<Order>>;

    /// Adds an order; there is none of its id yet.
    async fn add(&self, order: &Order) -> Result<()>;

    /// How many were placed since then.
    async fn placed_since(&self, moment: ChronoDateTimeUtc) -> Result<u64>;
}

/// There is no such order.
pub(super) fn not_found(id: OrderId) -> Error {
    Error::not_found("order_not_found", format!("there is no order `{id}`"))
}
