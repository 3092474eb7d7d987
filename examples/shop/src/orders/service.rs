//! What can be done with orders.

use std::{sync::Arc, time::SystemTime};

use atlas::{
    db::{Db, sea_orm::prelude::ChronoDateTimeUtc},
    jobs::Jobs,
    prelude::*,
};

use super::{
    Order, OrderDetails, OrderId, OrderSearch, Orders, jobs::SendReceipt, order::not_found,
};
use crate::catalog::ProductService;

/// What can be done with orders.
#[derive(Clone, Component)]
pub struct OrderService {
    orders: Arc<dyn Orders>,
    products: ProductService,
    db: Db,
    jobs: Jobs,
}

impl OrderService {
    /// The use cases over a place where orders are kept.
    pub fn new(orders: Arc<dyn Orders>, products: ProductService, db: Db, jobs: Jobs) -> Self {
        Self {
            orders,
            products,
            db,
            jobs,
        }
    }

    /// Lists orders.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list(&self, search: &OrderSearch) -> Result<Vec<Order>> {
        self.orders.list(search).await
    }

    /// Shows an order.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn show(&self, id: OrderId) -> Result<Order> {
        self.orders.find(id).await?.ok_or_else(|| not_found(id))
    }

    /// Places an order, and sees to it that the receipt is sent: both happen, or neither.
    ///
    /// # Errors
    /// When there is no such product, or nothing can be written.
    pub async fn place(&self, details: OrderDetails) -> Result<Order> {
        self.products.show(&details.product).await?;
        let order = Order {
            id: OrderId::fresh(),
            details,
            placed_at: now(),
        };
        let receipt = SendReceipt {
            order: order.id,
            to: order.details.email.clone(),
        };
        let work = || async {
            self.orders.add(&order).await?;
            self.jobs.enqueue(receipt).await?;
            Ok::<_, Error>(())
        };
        self.db.transaction(work).await?;
        Ok(order)
    }
}

/// This second: finer times are not kept by every engine.
fn now() -> ChronoDateTimeUtc {
    let now = ChronoDateTimeUtc::from(SystemTime::now());
    ChronoDateTimeUtc::from_timestamp(now.timestamp(), 0).unwrap_or(now)
}
