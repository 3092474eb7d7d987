//! The OpenAPI 3.1 document of an API: made from its routes, served with a page that shows it, compared with a file.
//!
//! Everything in the document comes from the handlers' signatures: see [`routes`](crate::routes). Each operation has a
//! unique `operationId`, a tag and a summary, and lists its errors as `application/problem+json`; each type is a named
//! schema, once. A type that is read and written differently (defaults, skipped fields) has two, the one that is read
//! with `Input` at its end.

mod breaking;
mod components;
mod docs;
mod document;
mod drift;
mod names;
mod parameters;
mod tidy;

pub use self::{
    breaking::{Breaking, breaking},
    drift::{Difference, differences},
};
pub(crate) use self::{
    docs::{docs, problem_pages},
    document::{document, to_text},
    parameters::path_mismatch,
};
