//! How the database came to be what it is.
use atlas::{db::migration, prelude::*};

mod m20261122_000001_create_cities;

/// Wires the migrations into an app.
pub(crate) fn module() -> Module {
    Module::new("migrations").contribute(|| migration(m20261122_000001_create_cities::CreateCities))
}
