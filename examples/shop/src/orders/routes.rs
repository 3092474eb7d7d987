//! Orders over HTTP.

use atlas::http::{Created, Json, Path, Result, Routes, State, get};

use super::{OrderId, OrderService, list::list, place::PlaceOrder, view::OrderView};

/// The routes of orders.
pub(super) fn routes(orders: OrderService) -> Routes {
    Routes::new("/orders")
        .route("/", get(list).post(place))
        .route("/{id}", get(show))
        .tag("orders")
        .with_state(orders)
}

/// Shows an order.
async fn show(
    State(orders): State<OrderService>,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderView>> {
    Ok(Json(orders.show(id).await?.into()))
}

/// Places an order; the receipt follows by mail.
async fn place(
    State(orders): State<OrderService>,
    Json(new): Json<PlaceOrder>,
) -> Result<Created<OrderView>> {
    let order = orders.place(new.into()).await?;
    Ok(Created::at(format!("/orders/{}", order.id), order.into()))
}
