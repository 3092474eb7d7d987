//! Who gets what from whom, decided and checked before anything is built.

mod cycle;
mod dot;
mod draw;
mod flaw;
mod hint;
mod json;
mod mermaid;
mod order;
mod problem;
mod wiring;
mod words;

pub use self::{
    draw::Graph,
    problem::{GraphErrors, Problem, Unused},
};
pub(crate) use self::{
    flaw::{Scope, flaws},
    order::{Order, order},
    wiring::{Wiring, wire},
    words::describe,
};
