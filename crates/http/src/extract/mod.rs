//! What handlers take from a request: typed, checked, and refused with every fault at once.
//!
//! - [`Json`]: the body; [`Path`]: parameters in the path; [`Query`]: parameters after the `?`
//! - [`Form`]: the body of an HTML form; [`Headers`]: headers
//! - [`State`]: a service, given by [`Routes::with_state`](crate::Routes::with_state)
//! - [`Patch`]: a JSON Merge Patch, in which [`Field`] tells absent from `null`
//! - from axum: `HeaderMap`, `Method`, `Uri`, `Extension`, `Bytes`, `Request`
//!
//! The rules are written once, as garde attributes on the type; schemars puts the same rules into the OpenAPI document:
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize, JsonSchema, garde::Validate)]
//! #[serde(deny_unknown_fields)]
//! struct NewProduct {
//!     #[garde(length(chars, min = 1, max = 80))] // `chars`: as JSON Schema counts
//!     name: String,
//!     #[garde(range(max = 1000))]
//!     stock: u32,
//!     #[garde(skip)]
//!     hidden: bool,
//! }
//! ```
//!
//! | what is wrong | status |
//! | --- | --- |
//! | not JSON, a key given twice, an unknown parameter | 400 |
//! | no or another `Content-Type` | 415 |
//! | too large | 413 |
//! | a field unknown, missing, of the wrong type or against a rule | 422 |
//!
//! A body without fault is read by serde in one pass and checked by garde; only when that fails is it read again, to
//! find everything that is wrong. `deny_unknown_fields` keeps a type on that path: unknown fields are refused with and
//! without it, but without it every body is read twice. So is one with a pattern (`#[schemars(regex(pattern = "…"))]`),
//! which the schema checks and garde does not.

pub(crate) mod accept;
mod body;
mod faults;
mod foreign;
mod form;
mod headers;
mod json;
mod media;
mod objects;
pub(crate) mod pairs;
mod patch;
mod path;
pub(crate) mod query;
pub(crate) mod shape;
mod strict;
pub(crate) mod text;

pub use self::{
    form::{Form, FormPlan},
    headers::{Headers, HeadersPlan},
    json::{Input, Json, JsonPlan, Output},
    patch::{Field, Patch},
    path::{Path, PathInput, PathPlan},
    query::{Query, QueryPlan},
};
pub(crate) use self::{json::json_response, strict::push_token, text::Parameters};
pub use axum::extract::{FromRef, State};
