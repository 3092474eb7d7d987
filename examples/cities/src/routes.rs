//! Cities over HTTP.

use atlas::db::{
    Db, Error as DbError,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect},
};
use atlas::http::{Json, Path, Result, Routes, State, get};
use schemars::JsonSchema;
use serde::Serialize;

use crate::city::{Column, Entity};

/// The routes of cities.
pub(super) fn routes(db: Db) -> Routes {
    Routes::new("/countries")
        .route("/{code}/cities", get(largest))
        .tag("cities")
        .with_state(db)
}

/// A city, as clients see it.
#[derive(Serialize, JsonSchema)]
struct CityView {
    name: String,
    population: i64,
    timezone: String,
}

/// Lists the twenty largest cities of a country.
async fn largest(State(db): State<Db>, Path(code): Path<String>) -> Result<Json<Vec<CityView>>> {
    let cities = Entity::find()
        .filter(Column::CountryCode.eq(code))
        .order_by_desc(Column::Population)
        .order_by_asc(Column::Id)
        .limit(20)
        .all(&db)
        .await
        .map_err(DbError::from)?;
    let cities = cities.into_iter().map(|it| CityView {
        name: it.name,
        population: it.population,
        timezone: it.timezone,
    });
    Ok(Json(cities.collect()))
}
