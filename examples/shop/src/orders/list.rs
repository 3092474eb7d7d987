//! The list of orders over HTTP.

use atlas::http::{
    Page, Result, State,
    page::{List, SortKey},
};
use serde_json::Value;

use super::{Order, OrderFilter, OrderSearch, OrderService, OrderSort, view::OrderView};

/// Lists orders, page by page.
pub(super) async fn list(
    State(orders): State<OrderService>,
    list: List<OrderSort, OrderFilter>,
) -> Result<Page<OrderView>> {
    let search = OrderSearch {
        filter: list.filter.clone(),
        order: list
            .order()
            .iter()
            .map(|it| (it.key, it.descending))
            .collect(),
        after: list.after().map(<[Value]>::to_vec),
        limit: list.fetch(),
    };
    let found = orders.list(&search).await?;
    Ok(list.page(found, position, OrderView::from))
}

impl SortKey for OrderSort {
    const UNIQUE: Self = Self::Id;
}

/// Where an order stands in an order.
fn position(order: &Order, key: OrderSort) -> Value {
    match key {
        OrderSort::Email => order.details.email.as_str().into(),
        OrderSort::Id => order.id.to_string().into(),
    }
}
