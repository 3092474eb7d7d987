//! Create orders.

use atlas::db::{
    Migration, Schema, file_name,
    sea_orm::sea_query::{ColumnDef, Index, Table},
};

/// Create orders.
pub(super) struct CreateOrders;

impl Migration for CreateOrders {
    fn name(&self) -> &'static str {
        file_name(file!())
    }

    fn up(&self, schema: &mut Schema) {
        schema.execute(
            Table::create()
                .table("orders")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("email").string_len(255).not_null())
                .col(ColumnDef::new("product").string_len(10).not_null())
                .col(ColumnDef::new("quantity").integer().not_null())
                .col(
                    ColumnDef::new("placed_at")
                        .timestamp_with_time_zone()
                        .not_null(),
                ),
        );
        schema.execute(
            Index::create()
                .name("orders_by_email")
                .table("orders")
                .col("email")
                .col("id"),
        );
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_table("orders");
    }
}
