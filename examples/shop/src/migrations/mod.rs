//! How the database came to be what it is, one migration after the other.
use atlas::{db::migration, prelude::*};

mod m20261122_000001_create_products;
mod m20261122_000002_create_orders;

/// Wires the migrations into an app.
pub(crate) fn module() -> Module {
    Module::new("migrations")
        .contribute(|| migration(m20261122_000001_create_products::CreateProducts))
        .contribute(|| migration(m20261122_000002_create_orders::CreateOrders))
}
