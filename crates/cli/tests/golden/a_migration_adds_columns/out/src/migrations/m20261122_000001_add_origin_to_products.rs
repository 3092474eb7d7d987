//! Add origin to products.

use atlas::db::{
    Migration, Schema, file_name,
    sea_orm::sea_query::{ColumnDef, Index},
};

/// Add origin to products.
pub(super) struct AddOriginToProducts;

impl Migration for AddOriginToProducts {
    fn name(&self) -> &'static str {
        file_name(file!())
    }

    fn up(&self, schema: &mut Schema) {
        schema.add_column(
            "products",
            ColumnDef::new("origin")
                .string_len(255)
                .not_null()
                .default(""),
        );
        schema.add_column("products", ColumnDef::new("price_units").big_integer());
        schema.add_column("products", ColumnDef::new("price_nanos").integer());
        schema.add_column("products", ColumnDef::new("price_currency").string_len(3));
        schema.add_column(
            "products",
            ColumnDef::new("stock").integer().not_null().default(0),
        );
        schema.execute(
            Index::create()
                .name("products_by_origin")
                .table("products")
                .col("origin")
                .col("id"),
        );
    }

    fn down(&self, schema: &mut Schema) {
        schema.execute(Index::drop().name("products_by_origin").table("products"));
        schema.drop_column("products", "stock");
        schema.drop_column("products", "price_currency");
        schema.drop_column("products", "price_nanos");
        schema.drop_column("products", "price_units");
        schema.drop_column("products", "origin");
    }
}
