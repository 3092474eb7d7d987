//! `atlas generate module`: a feature like the shop's catalog, with other fields.
//!
//! The files are those of `examples/shop/src/catalog`, renamed; only slots vary, found by parsed spans (the fields of a
//! struct, the body of a function) or by the very text of a line. A template that has lost one is an error here and in
//! a test, never a file with half a change.

mod destroy;
mod domain;
mod draft;
mod feature;
mod files;
mod http;
mod naming;
mod plan;
mod sample;
pub(super) mod slots;
mod sql;
pub(super) mod types;

pub use self::{destroy::destroy, feature::NewModule, plan::plan};
