//! The schema of the tea house, step by step.

mod m20260101_000001_create_products;

use atlas::{db::migration, prelude::*};

/// All steps.
pub(crate) fn module() -> Module {
    Module::new("migrations")
        .contribute(|| migration(m20260101_000001_create_products::CreateProducts))
        .contribute(|| atlas::db::sql_migration!("m20261122_000001_split_names"))
}
