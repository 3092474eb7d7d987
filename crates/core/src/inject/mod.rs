//! What users write: components, constructors and the modules that list them.

mod component;
mod constructor;
mod inputs;
mod key;
mod module;
mod named;
mod names;
mod node;
mod output;
mod param;

pub use self::{
    component::Component,
    constructor::Constructor,
    inputs::Inputs,
    key::Key,
    module::Module,
    named::Named,
    output::{Effect, Eventually, Output, Ready, Settled},
    param::{Need, Param},
};
pub(crate) use self::{
    inputs::{Source, Values},
    module::needs_of,
    names::short_type,
    node::{Build, Node, Role},
};
