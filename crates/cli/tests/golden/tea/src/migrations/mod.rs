//! The schema of the tea house, step by step.

mod m20260101_000001_create_products;

use atlas::{db::migration, prelude::*};

/// All steps.
pub(crate) fn module() -> Module {
    Module::new("migrations")
        .contribute(|| migration(m20260101_000001_create_products::CreateProducts))
}
