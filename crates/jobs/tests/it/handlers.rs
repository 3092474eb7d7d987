//! Handlers are plain functions over a job and components.

use std::sync::Arc;

use atlas_core::{App, Component, Module};
use atlas_jobs::{Handlers, Job, Outcome, Run, handler};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Greet;

impl Job for Greet {
    const KIND: &'static str = "greet";
    const VERSION: u16 = 3;
}

#[derive(Serialize, Deserialize)]
struct Wave;

impl Job for Wave {
    const KIND: &'static str = "wave";
}

#[derive(Clone)]
struct Hand;
impl Component for Hand {}

async fn greet(_: Run<Greet>) {}

async fn wave(_: Run<Wave>, _: Hand, _: Option<Arc<str>>) -> Result<Outcome, std::io::Error> {
    Ok(Outcome::Done)
}

fn app() -> App {
    let module = Module::new("manners")
        .supply(Hand)
        .contribute(handler(greet))
        .contribute(handler(wave));
    App::new("test").module(module.provide(Handlers::new))
}

#[tokio::test]
async fn a_handler_gets_its_components_from_the_graph() {
    let handlers: Handlers = app().resolve().await.unwrap();
    let functions: Vec<&str> = handlers.iter().map(|it| it.function()).collect();
    assert_eq!(functions, ["it::handlers::greet", "it::handlers::wave"]);
}

#[tokio::test]
async fn a_handler_takes_its_version_and_all_before_it() {
    let handlers: Handlers = app().resolve().await.unwrap();
    assert_eq!(handlers.kinds(), ["greet", "greet@2", "greet@3", "wave"]);
    assert!(handlers.get("greet@2").is_some());
    assert!(handlers.get("greet@4").is_none(), "a newer worker's");
}

#[test]
fn a_component_that_nobody_provides_is_missing_before_anything_starts() {
    let module = Module::new("manners").contribute(handler(wave));
    let app = App::new("test").module(module.provide(Handlers::new));
    let errors = app.expose::<Handlers>().check().unwrap_err();
    assert!(
        errors.to_string().contains("missing component `Hand`"),
        "{errors}"
    );
}

#[tokio::test]
async fn two_handlers_for_one_kind_end_the_start() {
    let app = app().module(Module::new("more").contribute(handler(greet)));
    let error = app.resolve::<Handlers>().await.err().unwrap();
    assert_eq!(error.diagnostic().unwrap().code(), "A401");
}
