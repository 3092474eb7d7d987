//! The products that a new shop begins with.

use atlas::{
    config::Profile,
    core::BoxError,
    db::{Db, Seed, seed, upsert},
};
use serde::Deserialize;

use super::{Money, Product, ProductDetails, ProductId, table::row};

const FILE: &str = include_str!("../../seeds/products.json");

#[derive(Deserialize)]
struct File {
    products: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    id: ProductId,
    name: String,
    description: String,
    picture: String,
    price_usd: Price,
    categories: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Price {
    currency_code: String,
    units: i64,
    nanos: i32,
}

/// The products of `seeds/products.json`, for development and tests.
pub(super) fn products() -> Seed {
    Seed::new("products", [Profile::Development, Profile::Test], plant)
}

async fn plant(db: Db) -> Result<(), BoxError> {
    let file: File = seed::json(FILE)?;
    upsert(
        &db,
        file.products.into_iter().map(|record| row(record.into())),
    )
    .await?;
    Ok(())
}

impl From<Record> for Product {
    fn from(it: Record) -> Self {
        let Price {
            currency_code,
            units,
            nanos,
        } = it.price_usd;
        Self {
            id: it.id,
            details: ProductDetails {
                name: it.name,
                description: it.description,
                picture: it.picture,
                price: Money {
                    currency_code,
                    units,
                    nanos,
                },
                categories: it.categories,
            },
        }
    }
}
