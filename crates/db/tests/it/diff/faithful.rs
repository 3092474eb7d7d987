//! Nothing differs where nothing does.

use atlas_db::{
    DbConfig, Engine, EntityTable, Migration, Schema, entity, migration,
    sea_orm::{
        ConnectionTrait, Statement,
        sea_query::{ColumnDef, Index, Table},
    },
};

use super::{models, told};
use crate::support::engines::on_every_engine;

mod everything {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    /// Every type that the generator knows, needed and not.
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "everything")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        #[sea_orm(unique)]
        pub(crate) line: String,
        pub(crate) line_or_not: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub(crate) words: String,
        #[sea_orm(column_type = "Text")]
        pub(crate) words_or_not: Option<String>,
        pub(crate) small: i32,
        pub(crate) small_or_not: Option<i32>,
        pub(crate) large: i64,
        pub(crate) large_or_not: Option<i64>,
        pub(crate) flag: bool,
        pub(crate) flag_or_not: Option<bool>,
        pub(crate) day: Date,
        pub(crate) day_or_not: Option<Date>,
        pub(crate) moment: DateTimeUtc,
        pub(crate) moment_or_not: Option<DateTimeUtc>,
        pub(crate) key: Uuid,
        pub(crate) key_or_not: Option<Uuid>,
        pub(crate) data: Json,
        pub(crate) data_or_not: Option<Json>,
        pub(crate) price_units: i64,
        pub(crate) price_nanos: i32,
        pub(crate) price_currency: String,
        pub(crate) added: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod counted {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    /// With a key that the database counts.
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "counted")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod product {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    /// That of the shop.
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "products")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) name: String,
        #[sea_orm(column_type = "Text")]
        pub(crate) categories: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

struct Create;

impl Migration for Create {
    fn name(&self) -> &'static str {
        "m1_create"
    }

    fn up(&self, schema: &mut Schema) {
        let column = ColumnDef::new;
        schema.execute(
            Table::create()
                .table("everything")
                .col(column("id").uuid().not_null().primary_key())
                .col(column("line").string_len(255).not_null())
                .col(column("line_or_not").string_len(255))
                .col(column("words").text().not_null())
                .col(column("words_or_not").text())
                .col(column("small").integer().not_null())
                .col(column("small_or_not").integer())
                .col(column("large").big_integer().not_null())
                .col(column("large_or_not").big_integer())
                .col(column("flag").boolean().not_null())
                .col(column("flag_or_not").boolean())
                .col(column("day").date().not_null())
                .col(column("day_or_not").date())
                .col(column("moment").timestamp_with_time_zone().not_null())
                .col(column("moment_or_not").timestamp_with_time_zone().null())
                .col(column("key").uuid().not_null())
                .col(column("key_or_not").uuid())
                .col(column("data").json().not_null())
                .col(column("data_or_not").json())
                .col(column("price_units").big_integer().not_null())
                .col(column("price_nanos").integer().not_null())
                .col(column("price_currency").string_len(3).not_null()),
        );
        schema.execute(
            Index::create()
                .unique()
                .name("everything_by_line")
                .table("everything")
                .col("line"),
        );
        schema.execute(
            Index::create()
                .name("everything_by_large")
                .table("everything")
                .col("large")
                .col("id"),
        );
        // as the generator adds a column to a table with rows
        schema.add_column(
            "everything",
            column("added").string_len(255).not_null().default(""),
        );
        schema.execute(
            Table::create().table("counted").col(
                column("id")
                    .big_integer()
                    .auto_increment()
                    .not_null()
                    .primary_key(),
            ),
        );
        schema.execute(
            Table::create()
                .table("products")
                .col(column("id").string_len(10).not_null().primary_key())
                .col(column("name").string_len(255).not_null())
                .col(column("categories").text().not_null()),
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
        for table in ["products", "counted", "everything"] {
            schema.drop_table(table);
        }
    }
}

fn all() -> Vec<EntityTable> {
    vec![
        entity(everything::Entity),
        entity(counted::Entity),
        entity(product::Entity),
    ]
}

async fn no_gap(config: &DbConfig) {
    let models = models(config, vec![migration(Create)], all());
    assert_eq!(told(&models).await, "");
    models.check().await.unwrap();
}

on_every_engine! {
    async fn what_the_generator_writes_does_not_differ(test: TestDb) {
        no_gap(&DbConfig::at(&test.url)).await;
        let row = test.db.query_one_raw(Statement::from_string(
            test.db.get_database_backend(),
            match test.engine {
                Engine::Sqlite => "SELECT CAST(count(*) AS INTEGER) AS n FROM sqlite_schema",
                Engine::Postgres => "SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'",
                _ => "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = database()",
            },
        ));
        let tables: i64 = row.await.unwrap().unwrap().try_get("", "n").unwrap();
        assert_eq!(tables, 0, "the configured database is not touched");
    }
}
