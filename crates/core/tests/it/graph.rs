//! The graph as a picture, and what nothing needs.

use std::sync::Arc;

use atlas_core::{App, Component, Module};

use crate::golden::golden;

macro_rules! components {
    ($($name:ident)*) => {
        $(#[derive(Clone)] struct $name; impl Component for $name {})*
    };
}
components!(Cache Db OrderService Routes Unneeded);

trait Orders: Send + Sync {}
impl Orders for Db {}

fn connect() -> Db {
    Db
}

fn repository(db: Db) -> Arc<dyn Orders> {
    Arc::new(db)
}

fn cached(inner: Arc<dyn Orders>, _: Option<Cache>) -> Arc<dyn Orders> {
    inner
}

fn service(_: Arc<dyn Orders>) -> OrderService {
    OrderService
}

fn routes(_: OrderService) -> Routes {
    Routes
}

fn serve(_: Vec<Routes>) {}

fn app() -> App {
    let orders = Module::new("orders")
        .provide(repository)
        .decorate(cached)
        .provide(service)
        .contribute(routes);
    App::new("shop")
        .module(Module::new("db").provide(connect))
        .module(Module::new("cache").supply(Cache).supply(Unneeded))
        .module(
            Module::new("http")
                .process("http", serve)
                .module(Module::new("ops").contribute(|| Routes)),
        )
        .module(orders)
}

fn unsound() -> App {
    App::new("shop")
        .module(Module::new("http").process("http", serve))
        .module(
            Module::new("orders")
                .provide(service)
                .contribute(routes)
                .provide(connect)
                .provide(|| Db)
                .invoke(|_: Cache, _: Cache| {}),
        )
}

#[test]
fn a_sound_graph_is_drawn_in_three_ways() {
    let graph = app().graph();
    golden("graph.mmd", &graph.to_mermaid());
    golden("graph.dot", &graph.to_dot());
    golden("graph.json", &graph.to_json());
}

#[test]
fn problem_nodes_are_marked() {
    let graph = unsound().graph();
    golden("graph_unsound.mmd", &graph.to_mermaid());
    golden("graph_unsound.dot", &graph.to_dot());
    golden("graph_unsound.json", &graph.to_json());
}

#[test]
fn what_nothing_needs_is_listed() {
    let unused = app().unused();
    let text: Vec<String> = unused.iter().map(ToString::to_string).collect();
    golden("unused.txt", &text.join("\n"));
}
