//! Create products.

use atlas::db::{
    Migration, Schema, file_name,
    sea_orm::sea_query::{ColumnDef, Index, Table},
};

/// Create products.
pub(super) struct CreateProducts;

impl Migration for CreateProducts {
    fn name(&self) -> &'static str {
        file_name(file!())
    }

    fn up(&self, schema: &mut Schema) {
        schema.execute(
            Table::create()
                .table("products")
                .col(ColumnDef::new("id").string_len(10).not_null().primary_key())
                .col(ColumnDef::new("name").string_len(255).not_null())
                .col(ColumnDef::new("description").text().not_null())
                .col(ColumnDef::new("picture").string_len(255).not_null())
                .col(ColumnDef::new("price_units").big_integer().not_null())
                .col(ColumnDef::new("price_nanos").integer().not_null())
                .col(ColumnDef::new("price_currency").string_len(3).not_null())
                .col(ColumnDef::new("categories").text().not_null()),
        );
        schema.execute(
            Index::create()
                .name("products_by_name")
                .table("products")
                .col("name")
                .col("id"),
        );
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_table("products");
    }
}
