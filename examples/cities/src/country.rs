//! The table of countries.

use atlas::db::sea_orm::{self, entity::prelude::*};

/// A country.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "countries")]
pub struct Model {
    /// Its two letters (ISO 3166-1), such as `JP`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Its name in English.
    pub name: String,
}

/// The relations that queries follow.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
