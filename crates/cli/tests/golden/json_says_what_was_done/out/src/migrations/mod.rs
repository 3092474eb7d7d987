//! The schema of the tea house, step by step.

mod m20260101_000001_create_products;
mod m20261122_000001_split_names;

use atlas::{db::migration, prelude::*};

/// All steps.
pub(crate) fn module() -> Module {
    Module::new("migrations")
        .contribute(|| migration(m20260101_000001_create_products::CreateProducts))
        .contribute(|| migration(m20261122_000001_split_names::SplitNames))
}
