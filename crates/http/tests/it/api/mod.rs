//! Routes, extraction, problems, documents and pages: what a handler's author and an API's client see.

mod body;
mod breaking;
mod compile;
mod conditional;
mod docs;
mod document;
mod filters;
mod media;
mod methods;
mod pages;
mod parameters;
mod problems;
mod routes;
mod shapes;
mod support;
mod wire;

#[path = "../../../examples/catalog.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the example is a program of its own; the tests use its routes"
)]
mod catalog;
