//! What the migrations of a tea house made so far.

use atlas_db::{
    Migration, Schema,
    sea_orm::sea_query::{ColumnDef, ForeignKey, Index, Table},
};

/// The tables as they were when it opened.
pub(super) struct Opening;

impl Migration for Opening {
    fn name(&self) -> &'static str {
        "m20260101_000001_opening"
    }

    fn up(&self, schema: &mut Schema) {
        schema.execute(
            Table::create()
                .table("makers")
                .col(ColumnDef::new("id").big_integer().not_null().primary_key())
                .col(ColumnDef::new("name").string_len(255).not_null()),
        );
        schema.execute(
            Table::create()
                .table("teas")
                .col(
                    ColumnDef::new("id")
                        .big_integer()
                        .not_null()
                        .auto_increment()
                        .primary_key(),
                )
                .col(ColumnDef::new("name").string_len(50).not_null())
                .col(ColumnDef::new("origin").string_len(255))
                .col(ColumnDef::new("price").integer().not_null())
                .col(ColumnDef::new("note").string_len(80))
                .col(ColumnDef::new("comment").text())
                .col(ColumnDef::new("shelf").string_len(20).not_null())
                .col(ColumnDef::new("stock").integer().not_null().default(7))
                .col(ColumnDef::new("code").string_len(9).not_null().unique_key()),
        );
        for (name, column) in [("teas_by_name", "name"), ("teas_by_shelf", "shelf")] {
            schema.execute(
                Index::create()
                    .name(name)
                    .table("teas")
                    .col(column)
                    .col("id"),
            );
        }
        schema.execute(
            Table::create()
                .table("cups")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("tea").big_integer().not_null())
                .col(
                    ColumnDef::new("poured")
                        .timestamp_with_time_zone()
                        .not_null(),
                )
                .foreign_key(
                    ForeignKey::create()
                        .name("cups_tea_fkey")
                        .from_tbl("cups")
                        .from_col("tea")
                        .to_tbl("teas")
                        .to_col("id"),
                ),
        );
        schema.execute(
            Table::create()
                .table("visits")
                .col(ColumnDef::new("id").big_integer().not_null().primary_key())
                .col(ColumnDef::new("tea").big_integer().not_null())
                .col(ColumnDef::new("maker").big_integer())
                .foreign_key(
                    ForeignKey::create()
                        .name("visits_tea_fkey")
                        .from_tbl("visits")
                        .from_col("tea")
                        .to_tbl("teas")
                        .to_col("id"),
                ),
        );
        schema.execute(
            Table::create()
                .table("chalk_board")
                .col(ColumnDef::new("words").text().not_null()),
        );
    }

    fn down(&self, schema: &mut Schema) {
        for table in ["chalk_board", "visits", "cups", "teas", "makers"] {
            schema.drop_table(table);
        }
    }
}
