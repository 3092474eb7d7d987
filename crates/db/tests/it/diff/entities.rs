//! What the code of the tea house says by now.

pub(super) mod maker {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "makers")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) name: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod tea {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "teas")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        #[sea_orm(unique)]
        pub(crate) name: String,
        /// was optional
        pub(crate) origin: String,
        /// was of 32 bits
        pub(crate) price: i64,
        /// was at most 80 letters
        #[sea_orm(column_type = "Text", nullable)]
        pub(crate) note: Option<String>,
        /// was called otherwise
        #[sea_orm(column_type = "Text", nullable, renamed_from = "comment")]
        pub(crate) remark: Option<String>,
        #[sea_orm(default_value = 3)]
        pub(crate) stock: i32,
        /// was unique
        pub(crate) code: String,
        #[sea_orm(indexed)]
        pub(crate) maker: Option<i64>,
        pub(crate) organic: bool,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::maker::Entity",
            from = "Column::Maker",
            to = "super::maker::Column::Id",
            on_delete = "SetNull"
        )]
        Maker,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod visit {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "visits")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) tea: i64,
        pub(crate) maker: Option<i64>,
    }

    /// to the maker, no longer to the tea
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::maker::Entity",
            from = "Column::Maker",
            to = "super::maker::Column::Id"
        )]
        Maker,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod order {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "order_state")]
    pub(crate) enum State {
        #[sea_orm(string_value = "open")]
        Open,
        #[sea_orm(string_value = "paid")]
        Paid,
    }

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        #[sea_orm(unique_key = "number")]
        pub(crate) year: i32,
        #[sea_orm(unique_key = "number")]
        pub(crate) number: i32,
        pub(crate) tea: i64,
        pub(crate) state: State,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
        pub(crate) total: f64,
        pub(crate) placed_on: Date,
        pub(crate) paid_at: Option<DateTimeUtc>,
        pub(crate) details: Json,
        #[sea_orm(column_type = "Blob")]
        pub(crate) receipt: Vec<u8>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::tea::Entity",
            from = "Column::Tea",
            to = "super::tea::Column::Id",
            on_delete = "Cascade"
        )]
        Tea,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod order_line {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "order_lines")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) order: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) line: i32,
        pub(crate) words: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::order::Entity",
            from = "Column::Order",
            to = "super::order::Column::Id",
            on_delete = "Cascade"
        )]
        Order,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// All of them; the lines of orders before the orders, which the draft has to turn round.
pub(super) fn all() -> Vec<atlas_db::EntityTable> {
    use atlas_db::{EntityTable, entity};
    vec![
        entity(order_line::Entity),
        entity(order::Entity),
        entity(tea::Entity),
        entity(maker::Entity),
        entity(visit::Entity),
        EntityTable::unmapped("chalk_board"),
    ]
}
