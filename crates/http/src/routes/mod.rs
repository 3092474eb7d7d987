//! Typed routes: axum's router, with an OpenAPI document that follows from the handlers' signatures.
//!
//! A route is a path, a method and an `async fn`. What the function asks for ([`Argument`]) and what it answers
//! ([`Reply`]) is all that the document needs: parameters, body, constraints, status codes. Nothing is written twice,
//! and nothing that is documented can differ from what is done.
//!
//! ```
//! use atlas_http::{Created, Json, Path, Result, Routes, get};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, JsonSchema, garde::Validate)]
//! #[serde(deny_unknown_fields)]
//! struct NewProduct {
//!     #[garde(length(chars, min = 1, max = 80))]
//!     name: String,
//! }
//! #[derive(Serialize, JsonSchema)]
//! struct ProductView { id: u64, name: String }
//!
//! async fn show(Path(id): Path<u64>) -> Result<Json<ProductView>> {
//!     Ok(Json(ProductView { id, name: "tea".to_owned() }))
//! }
//! async fn create(Json(new): Json<NewProduct>) -> Result<Created<ProductView>> {
//!     Ok(Created::at("/products/1", ProductView { id: 1, name: new.name }))
//! }
//!
//! let routes: Routes = Routes::new("/products").tag("catalog")
//!     .route("/{id}", get(show))
//!     .route("/", atlas_http::post(create));
//! assert_eq!(routes.operations().count(), 2);
//! ```

mod api;
mod argument;
mod assemble;
mod endpoint;
mod fallback;
mod group;
mod handler;
mod methods;
mod operation;
mod problems;
mod reply;
mod site;

pub use self::{
    api::{Api, ApiInfo},
    argument::{Argument, Arguments, Incoming},
    group::Routes,
    handler::Handler,
    methods::{Methods, delete, get, patch, post, put},
    operation::Operation,
    problems::ApiErrors,
    reply::{Failure, Reply},
    site::Site,
};
pub(crate) use self::{
    assemble::assemble,
    fallback::method_not_allowed_there,
    operation::{BodyPart, ReplyPart, SchemaOf},
};
