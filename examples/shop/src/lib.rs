//! Everything the shop is made of, in the order a reader should meet it.
use atlas::prelude::*;

pub mod catalog;
mod migrations;
pub mod orders;

/// The shop: its modules, and nothing started yet.
pub fn app() -> App {
    App::new("shop")
        .version(env!("CARGO_PKG_VERSION"))
        .module(atlas::defaults())
        .module(atlas::db::module())
        .module(atlas::http::module())
        .module(atlas::jobs::module())
        .module(migrations::module())
        .module(catalog::module())
        .module(orders::module())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_graph_is_sound() {
        super::app().check().unwrap();
    }
}
