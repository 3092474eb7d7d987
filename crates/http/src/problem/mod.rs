//! What a client is told when a request fails: problem details (RFC 9457) for every 4xx and 5xx answer.
//!
//! A handler returns [`Error`], which takes every `atlas_core::Error` by `?`. The server itself answers with the ready
//! made problems of [`Problem`]: [`Problem::timeout`], [`Problem::unavailable`] and so on. The kinds of problems that
//! exist are listed by [`kinds`], and each has a page at the address in its `type`.
//!
//! ```
//! use atlas_http::problem::Problem;
//!
//! let problem = Problem::not_found("product_not_found", "there is no product `42`");
//! let json = serde_json::to_value(&problem).unwrap();
//! assert_eq!(json["type"], "/docs/problems/not_found");
//! assert_eq!(json["code"], "product_not_found");
//! assert_eq!(json["status"], 404);
//! ```

mod details;
mod error;
mod fault;
mod kind;
mod ready;
mod respond;
mod schema;

pub use self::{
    details::Problem,
    error::{Error, Result},
    fault::{Fault, Place},
    kind::{ProblemKind, kinds},
};
