//! The cities of the world: tables, seeds and one route.
use atlas::prelude::*;

pub mod city;
pub mod country;
mod migrations;
mod routes;
pub mod seeds;

/// The service: its modules, and nothing started yet.
pub fn app() -> App {
    App::new("cities")
        .version(env!("CARGO_PKG_VERSION"))
        .module(atlas::defaults())
        .module(atlas::db::module())
        .module(atlas::http::module())
        .module(migrations::module())
        .module(
            Module::new("cities")
                .contribute(seeds::sample) // → Seed
                .contribute(seeds::world) // → Seed
                .contribute(routes::routes), // Db → Routes
        )
}
