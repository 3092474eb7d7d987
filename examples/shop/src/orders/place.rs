//! What a client sends to place an order.

use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use super::OrderDetails;
use crate::catalog::ProductId;

/// An order to be placed.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceOrder {
    /// Where the receipt goes.
    #[garde(length(chars, max = 255))]
    #[schemars(regex(pattern = "^[^@ ]+@[^@ ]+$"))]
    email: String,
    /// What is bought.
    #[garde(skip)]
    product: ProductId,
    /// How many of it.
    #[garde(range(min = 1, max = 1000))]
    quantity: i32,
}

impl From<PlaceOrder> for OrderDetails {
    fn from(it: PlaceOrder) -> Self {
        Self {
            email: it.email,
            product: it.product,
            quantity: it.quantity,
        }
    }
}
