//! What the tables begin with: a few cities, or all of them.

use std::{collections::BTreeMap, fs, path::Path};

use atlas::{
    config::Profile,
    core::BoxError,
    db::{
        Db, Fixtures, Seed,
        sea_orm::IntoActiveModel,
        seed::{self, Rows},
        seed_file, upsert,
    },
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{city, country};

/// Where `get-data.sh` puts the files of GeoNames.
const DATA: &str = "data";

#[derive(Deserialize)]
struct CountryRecord {
    iso: String,
    name: String,
}

#[derive(Deserialize)]
struct CityRecord {
    geonameid: i64,
    name: String,
    countrycode: String,
    latitude: f64,
    longitude: f64,
    population: i64,
    timezone: String,
}

/// Three countries and their largest cities, for development and tests.
pub(crate) fn sample() -> Seed {
    Fixtures::new("sample", seed_file!("seeds/sample.yaml"))
        .table::<country::Entity>([country::Column::Code])
        .table::<city::Entity>([city::Column::Id])
        .seed([Profile::Development, Profile::Test])
}

/// All cities of more than 1 000 people, if `get-data.sh` has brought them.
pub(crate) fn world() -> Seed {
    Seed::new("world", [Profile::Development], |db: Db| async move {
        if !Path::new(DATA).exists() {
            tracing::warn!("there is no folder `{DATA}`: run `sh get-data.sh` for all cities");
            return Ok(());
        }
        plant(&db, Path::new(DATA)).await.map(drop)
    })
}

/// Writes the countries and cities of the files in a folder, and says what became of the cities.
///
/// # Errors
/// When a file cannot be read, or its rows cannot be written.
pub async fn plant(db: &Db, folder: &Path) -> Result<Rows, BoxError> {
    let countries: BTreeMap<String, CountryRecord> = read(&folder.join("countries.json"))?;
    let countries = countries.into_values().map(|it| country::Model {
        code: it.iso,
        name: it.name,
    });
    upsert(db, countries.map(IntoActiveModel::into_active_model)).await?;

    let cities: BTreeMap<String, CityRecord> = read(&folder.join("cities1000.json"))?;
    let cities = cities.into_values().map(|it| city::Model {
        id: it.geonameid,
        name: it.name,
        country_code: it.countrycode,
        latitude: it.latitude,
        longitude: it.longitude,
        population: it.population,
        timezone: it.timezone,
    });
    Ok(upsert(db, cities.map(IntoActiveModel::into_active_model)).await?)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, BoxError> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(seed::json(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}
