//! Catalog: the products that can be bought.
use atlas::prelude::*;

mod create;
mod id;
mod list;
#[cfg(test)]
mod memory;
mod money;
mod product;
mod query;
mod repository;
mod routes;
mod search;
mod seeds;
mod service;
mod table;
#[cfg(test)]
mod tests;
mod update;
mod view;

pub use self::{
    id::ProductId,
    money::Money,
    product::{Product, ProductDetails, Products},
    search::{ProductFilter, ProductSearch, ProductSort},
    service::ProductService,
};

/// Wires the catalog into an app.
pub fn module() -> Module {
    Module::new("catalog")
        .provide(repository::sql) // Db → Arc<dyn Products>
        .provide(ProductService::new) // Arc<dyn Products> → ProductService
        .contribute(routes::routes) // ProductService → Routes
        .contribute(|| atlas::db::entity(table::Entity)) // for `migrate diff`
        .contribute(seeds::products) // → Seed
}
