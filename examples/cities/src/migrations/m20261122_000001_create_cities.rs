//! Create countries and cities.

use atlas::db::{
    Migration, Schema, file_name,
    sea_orm::sea_query::{ColumnDef, ForeignKey, Index, Table},
};

/// Create countries and cities.
pub(super) struct CreateCities;

impl Migration for CreateCities {
    fn name(&self) -> &'static str {
        file_name(file!())
    }

    fn up(&self, schema: &mut Schema) {
        schema.execute(
            Table::create()
                .table("countries")
                .col(
                    ColumnDef::new("code")
                        .string_len(2)
                        .not_null()
                        .primary_key(),
                )
                .col(ColumnDef::new("name").string_len(100).not_null()),
        );
        schema.execute(
            Table::create()
                .table("cities")
                .col(ColumnDef::new("id").big_integer().not_null().primary_key())
                .col(ColumnDef::new("name").string_len(200).not_null())
                .col(ColumnDef::new("country_code").string_len(2).not_null())
                .col(ColumnDef::new("latitude").double().not_null())
                .col(ColumnDef::new("longitude").double().not_null())
                .col(ColumnDef::new("population").big_integer().not_null())
                .col(ColumnDef::new("timezone").string_len(40).not_null())
                .foreign_key(
                    ForeignKey::create()
                        .name("cities_in_countries")
                        .from("cities", "country_code")
                        .to("countries", "code"),
                ),
        );
        schema.execute(
            Index::create()
                .name("cities_by_size")
                .table("cities")
                .col("country_code")
                .col("population"),
        );
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_table("cities");
        schema.drop_table("countries");
    }
}
