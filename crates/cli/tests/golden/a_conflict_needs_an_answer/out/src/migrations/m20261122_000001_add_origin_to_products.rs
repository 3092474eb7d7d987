//! Add origin to products.

use atlas::db::{Migration, Schema, file_name, sea_orm::sea_query::ColumnDef};

/// Add origin to products.
pub(super) struct AddOriginToProducts;

impl Migration for AddOriginToProducts {
    fn name(&self) -> &'static str {
        file_name(file!())
    }

    fn up(&self, schema: &mut Schema) {
        schema.add_column(
            "products",
            ColumnDef::new("origin").text().not_null().default(""),
        );
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_column("products", "origin");
    }
}
