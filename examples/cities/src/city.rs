//! The table of cities.

use atlas::db::sea_orm::{self, entity::prelude::*};

/// A city.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "cities")]
pub struct Model {
    /// What GeoNames knows it by.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country_code: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// How many people live there.
    pub population: i64,
    /// Its clock, such as `Asia/Tokyo`.
    pub timezone: String,
}

/// The relations that queries follow.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
