//! A catalog in memory: lists, reads, creates, changes and deletes products. `cargo run -p atlas-kit-http --example
//! catalog`, then open <http://127.0.0.1:8080/docs>.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use atlas_core::{App, Component, Module};
use atlas_http::page::{List, Order, SortKey};
use atlas_http::{
    ApiInfo, Created, Field, Json, NoContent, Page, Patch, Path, Result, Routes, State, get,
};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What a customer pays, never as a fraction of binary digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// ISO 4217, such as `USD`.
    #[garde(skip)]
    #[schemars(regex(pattern = "^[A-Z]{3}$"))]
    pub currency_code: String,
    /// The whole units.
    #[garde(range(min = 0))]
    pub units: i64,
    /// The billionths.
    #[garde(range(min = 0, max = 999_999_999))]
    pub nanos: i32,
}

/// A product to be.
#[derive(Clone, Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    /// What it is called.
    #[garde(length(chars, min = 1, max = 80))]
    pub name: String,
    /// The price.
    #[garde(dive)]
    pub price: Money,
    /// Where it is found.
    #[garde(length(max = 8), inner(length(chars, min = 1, max = 40)))]
    #[serde(default)]
    pub categories: Vec<String>,
}

/// What is to change.
#[derive(Clone, Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ProductPatch {
    /// A new name.
    #[garde(length(chars, min = 1, max = 80))]
    #[serde(default)]
    pub name: Option<String>,
    /// A note for the warehouse; `null` removes it.
    #[garde(skip)]
    #[serde(default)]
    pub note: Field<String>,
}

/// A product.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProductView {
    /// Its address is `/products/{id}`.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// The price.
    pub price: Money,
    /// Where it is found.
    pub categories: Vec<String>,
    /// A note for the warehouse.
    pub note: Option<String>,
}

/// What the list can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProductSort {
    /// By name.
    Name,
    /// By the time of creation, as the identifiers are.
    Id,
}

impl SortKey for ProductSort {
    const UNIQUE: Self = Self::Id;
    const MAX_LIMIT: u32 = 50;
}

/// What the list can be filtered by.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ProductFilter {
    /// Only products of this category.
    #[garde(length(chars, min = 1, max = 40))]
    pub category: Option<String>,
    /// Only products whose name holds this.
    #[garde(length(chars, max = 80))]
    pub q: Option<String>,
}

/// The products.
#[derive(Clone, Default)]
pub struct Catalog(Arc<Mutex<BTreeMap<Uuid, ProductView>>>);

impl Component for Catalog {}

impl Catalog {
    fn with<R>(&self, f: impl FnOnce(&mut BTreeMap<Uuid, ProductView>) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a product.
    pub fn add(&self, new: NewProduct) -> ProductView {
        let product = ProductView {
            id: Uuid::now_v7(),
            name: new.name,
            price: new.price,
            categories: new.categories,
            note: None,
        };
        self.with(|all| all.insert(product.id, product.clone()));
        product
    }

    /// Removes a product.
    pub fn remove(&self, id: Uuid) -> Result<ProductView, atlas_core::Error> {
        self.with(|all| all.remove(&id)).ok_or_else(|| missing(id))
    }

    /// The products after a position, in order.
    fn select(
        &self,
        filter: &ProductFilter,
        order: &[Order<ProductSort>],
        after: Option<&[Value]>,
        count: u64,
    ) -> Vec<ProductView> {
        let mut all: Vec<ProductView> = self.with(|all| all.values().cloned().collect());
        all.retain(|it| {
            let category = filter.category.as_ref();
            category.is_none_or(|category| it.categories.contains(category))
                && filter.q.as_ref().is_none_or(|q| it.name.contains(q))
        });
        let place = |it: &ProductView| order.iter().map(|by| key(it, by.key)).collect::<Vec<_>>();
        let compare = |one: &[Value], other: &[Value]| {
            let pairs = order.iter().zip(one.iter().zip(other));
            let each = pairs.map(|(by, (one, other))| {
                let ordering = one.as_str().cmp(&other.as_str());
                if by.descending {
                    ordering.reverse()
                } else {
                    ordering
                }
            });
            each.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        };
        all.sort_by(|one, other| compare(&place(one), &place(other)));
        all.retain(|it| after.is_none_or(|after| compare(&place(it), after).is_gt()));
        all.truncate(count as usize);
        all
    }
}

fn key(product: &ProductView, key: ProductSort) -> Value {
    match key {
        ProductSort::Name => product.name.as_str().into(),
        ProductSort::Id => product.id.to_string().into(),
    }
}

fn missing(id: Uuid) -> atlas_core::Error {
    atlas_core::Error::not_found("product_not_found", format!("there is no product `{id}`"))
}

/// The routes of the catalog.
pub fn routes(catalog: Catalog) -> Routes {
    Routes::new("/products")
        .tag("catalog")
        .route("/", get(list).post(create))
        .route("/{id}", get(show).patch(change).delete(remove))
        .with_state(catalog)
}

async fn list(
    State(catalog): State<Catalog>,
    list: List<ProductSort, ProductFilter>,
) -> Result<Page<ProductView>> {
    let rows = catalog.select(&list.filter, list.order(), list.after(), list.fetch());
    Ok(list.page(rows, key, |product| product))
}

async fn show(State(catalog): State<Catalog>, Path(id): Path<Uuid>) -> Result<Json<ProductView>> {
    let product = catalog.with(|all| all.get(&id).cloned());
    Ok(Json(product.ok_or_else(|| missing(id))?))
}

async fn create(
    State(catalog): State<Catalog>,
    Json(new): Json<NewProduct>,
) -> Result<Created<ProductView>> {
    let product = catalog.add(new);
    Ok(Created::at(format!("/products/{}", product.id), product))
}

async fn change(
    State(catalog): State<Catalog>,
    Path(id): Path<Uuid>,
    Patch(patch): Patch<ProductPatch>,
) -> Result<Json<ProductView>> {
    let changed = catalog.with(|all| {
        let product = all.get_mut(&id)?;
        if let Some(name) = patch.name {
            product.name = name;
        }
        patch.note.apply(&mut product.note);
        Some(product.clone())
    });
    Ok(Json(changed.ok_or_else(|| missing(id))?))
}

async fn remove(State(catalog): State<Catalog>, Path(id): Path<Uuid>) -> Result<NoContent> {
    catalog.remove(id)?;
    Ok(NoContent)
}

/// The app.
pub fn app() -> App {
    App::new("catalog")
        .module(atlas_config::module())
        .module(atlas_http::module())
        .module(
            Module::new("catalog")
                .supply(ApiInfo::new("Catalog", env!("CARGO_PKG_VERSION")))
                .supply(Catalog::default())
                .contribute(routes),
        )
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    app().run().await?;
    Ok(())
}
