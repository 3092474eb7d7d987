//! Everything the tea house is made of.

use atlas::prelude::*;

pub mod catalog;
mod migrations;

/// The app.
pub fn app() -> App {
    App::new("tea")
        .module(atlas::defaults())
        .module(atlas::db::module()) // SQLite
        .module(migrations::module())
        .module(catalog::module())
}
