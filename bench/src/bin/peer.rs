//! The peer: what an engineer would write by hand with axum and sqlx, and nothing around it.

use anyhow::{Context, Result};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};

/// The query of the shop's repository.
const PRODUCT: &str = "SELECT id, name, description, picture, price_units, price_nanos, price_currency, categories \
                       FROM products WHERE id = ? LIMIT 1";

#[derive(Serialize)]
struct Hello {
    message: &'static str,
}

#[derive(Serialize)]
struct Product {
    id: String,
    name: String,
    description: String,
    picture: String,
    price: Money,
    categories: Vec<String>,
}

#[derive(Serialize)]
struct Money {
    currency_code: String,
    units: i64,
    nanos: i32,
}

#[tokio::main]
async fn main() -> Result<()> {
    let port: u16 = std::env::var("PORT").context("PORT is not set")?.parse()?;
    let mut router = Router::new().route("/hello", get(hello));
    if let Ok(url) = std::env::var("DATABASE_URL") {
        let pool = SqlitePoolOptions::new()
            .max_connections(8)
            .connect(&url)
            .await?;
        router = router.merge(
            Router::new()
                .route("/products/{id}", get(product))
                .with_state(pool),
        );
    }
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn hello() -> Json<Hello> {
    Json(Hello { message: "hello" })
}

async fn product(
    State(pool): State<SqlitePool>,
    Path(id): Path<String>,
) -> Result<Json<Product>, StatusCode> {
    match find(&pool, &id).await {
        Ok(Some(product)) => Ok(Json(product)),
        Ok(None) => Err(StatusCode::NOT_FOUND),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

async fn find(pool: &SqlitePool, id: &str) -> Result<Option<Product>, sqlx::Error> {
    let Some(row) = sqlx::query(PRODUCT).bind(id).fetch_optional(pool).await? else {
        return Ok(None);
    };
    let categories: String = row.try_get("categories")?;
    Ok(Some(Product {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        picture: row.try_get("picture")?,
        price: Money {
            currency_code: row.try_get("price_currency")?,
            units: row.try_get("price_units")?,
            nanos: row.try_get("price_nanos")?,
        },
        categories: categories
            .split(',')
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect(),
    }))
}
