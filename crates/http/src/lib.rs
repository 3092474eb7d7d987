//! The HTTP server of Atlas services: typed routes, OpenAPI, problem details, limits and drain.

pub mod conditional;
mod config;
pub mod extract;
mod module;
pub mod openapi;
mod ops;
pub mod page;
pub mod problem;
pub mod reply;
pub mod routes;
pub mod server;
pub mod wire;

pub use self::{
    conditional::{IfMatch, MustMatch, Tagged},
    config::{CorsConfig, HttpConfig},
    extract::{Field, Form, Headers, Json, Patch, Path, Query, State},
    module::module,
    ops::probes,
    page::{List, Page},
    problem::{Error, Problem, Result},
    reply::{Accepted, Created, NoContent},
    routes::{Api, ApiInfo, Routes, delete, get, patch, post, put},
    server::Listening,
};
pub use {axum, garde};

#[cfg(doctest)]
mod pages {
    //! The examples of the documentation are tests.
    #[doc = include_str!("../../../docs/http.md")]
    mod http {}
    #[doc = include_str!("../../../docs/errors/A301.md")]
    mod a301 {}
    #[doc = include_str!("../../../docs/serving.md")]
    mod serving {}
    #[doc = include_str!("../../../docs/errors/A201.md")]
    mod a201 {}
}
