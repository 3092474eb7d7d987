//! Create tea pots.

use atlas::db::{
    Migration, Schema, file_name,
    sea_orm::sea_query::{ColumnDef, Index, Table},
};

/// Create tea pots.
pub(super) struct CreateTeaPots;

impl Migration for CreateTeaPots {
    fn name(&self) -> &'static str {
        file_name(file!())
    }

    fn up(&self, schema: &mut Schema) {
        schema.execute(
            Table::create()
                .table("tea_pots")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("name").string_len(255).not_null())
                .col(ColumnDef::new("note").text())
                .col(ColumnDef::new("made_on").date().not_null())
                .col(ColumnDef::new("sealed").boolean().not_null())
                .col(ColumnDef::new("volume").big_integer().not_null())
                .col(ColumnDef::new("size").big_integer().not_null())
                .col(ColumnDef::new("data").json())
                .col(ColumnDef::new("owner").uuid().not_null())
                .col(ColumnDef::new("at").timestamp_with_time_zone().not_null()),
        );
        schema.execute(
            Index::create()
                .unique()
                .name("tea_pots_by_name")
                .table("tea_pots")
                .col("name"),
        );
        schema.execute(
            Index::create()
                .name("tea_pots_by_at")
                .table("tea_pots")
                .col("at")
                .col("id"),
        );
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_table("tea_pots");
    }
}
