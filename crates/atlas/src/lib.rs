//! Atlas: the service framework for backend engineers.
//!
//! A service is a list of modules; a module is a list of plain functions. What a function asks for by type is what another
//! one returns. Everything is checked before anything runs, started along the graph and stopped in reverse.
//!
//! ```
//! use atlas::prelude::*;
//!
//! /// Says hello. A component is shared by everyone who asks for it.
//! #[derive(Clone, Component)]
//! struct Greeter;
//!
//! fn greeting() -> Module {
//!     Module::new("greeting").provide(|| Greeter)
//! }
//!
//! fn app() -> App {
//!     App::new("hello").module(atlas::defaults()).module(greeting())
//! }
//!
//! app().check().expect("the graph is sound");
//! ```
//!
//! `main` is one line, [`main`]`(app).await`, and gives the binary all its operations: serve, migrate, seed, routes,
//! config, graph, check, openapi, healthcheck.
//!
//! | feature | default | what you get |
//! | --- | --- | --- |
//! | `http` | yes | [`http`]: server, typed routes, OpenAPI, problems, operations endpoints |
//! | `db` | | `db`: connections, migrations, seeds, transactions; needs an engine |
//! | `sqlite` | | `db` with the embedded engine SQLite |
//! | `postgres`, `mysql` | | `db` with PostgreSQL; with MySQL and MariaDB |
//! | `yaml` | | seeds in files of YAML |
//! | `jobs` | | `jobs`: background jobs, workers, schedules and dead letters; in the database with `db` |
//! | `redis` | | `redis`: one shared handle of Redis, single or cluster, with scripts and messages |

mod defaults;
pub mod prelude;
mod service;

pub use atlas_config as config;
pub use atlas_core as core;
#[cfg(feature = "db")]
pub use atlas_db as db;
#[cfg(feature = "http")]
pub use atlas_http as http;
/// Validation of request types: the crate `garde`. Its derive macro needs `garde` among the service's own dependencies.
#[cfg(feature = "http")]
pub use atlas_http::garde as validate;
#[cfg(feature = "jobs")]
pub use atlas_jobs as jobs;
#[cfg(feature = "redis")]
pub use atlas_redis as redis;
pub use atlas_telemetry as telemetry;

pub use atlas_core::Component;
pub use atlas_macros::{Component, Params};

pub use self::defaults::defaults;
pub use self::service::main;
