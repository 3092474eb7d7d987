//! The test kit of Atlas services: boots the real app, asks it over HTTP, and says clearly what did not hold.
//!
//! ```
//! use atlas_test::TestApp;
//! use serde_json::json;
//! # use atlas::prelude::*;
//! # use atlas::http::{Json, Routes, get};
//! # fn app() -> App {
//! #     async fn hello() -> Json<serde_json::Value> { Json(json!({ "text": "hello", "times": 1 })) }
//! #     let routes = || Routes::new("/hello").route("/", get(hello));
//! #     App::new("hello")
//! #         .module(atlas::defaults())
//! #         .module(atlas::http::module())
//! #         .module(Module::new("hello").contribute(routes))
//! # }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let hello = TestApp::start(app()).await;            // its own port and database, profile `test`
//! hello.get("/hello").await.ok().matches(json!({ "text": "hello" }));
//! hello.get("/nothing").await.status(404).problem("route_not_found");
//! # }
//! ```
//!
//! - **Isolation**: every app has a port and a database of its own, migrated and seeded for the profile `test`; tests run
//!   side by side, under nextest as well as `cargo test`. The files of a failed test are kept and named.
//! - **Fakes**: [`Builder::replace`] swaps a component; what only the real one needed is not even built.
//! - **Factories**: [`factory`] makes objects and rows of which a test names only what it is about.
//! - **Speed**: [`Builder::in_process`] has the same client without a socket.
//! - **Jobs** wait until a test looks at them (`TestApp::jobs`), or run where they are enqueued (`Builder::inline_jobs`).
//! - **Logs** belong to the test that causes them and are shown when it fails.
//!
//! | feature | default | what you get |
//! | --- | --- | --- |
//! | `sqlite` | | databases of SQLite for apps that have one, migrated and seeded |
//! | `postgres` | | databases of PostgreSQL, on a server that is found or started |
//! | `mysql` | | databases of MariaDB and MySQL, likewise |
//! | `db` | | what these have in common; they bring it |
//! | `jobs` | | checks on background jobs |

mod app;
mod builder;
mod client;
#[cfg(feature = "db")]
mod database;
pub mod factory;
mod folder;
#[cfg(feature = "jobs")]
mod jobs;
mod log;
#[cfg(feature = "db")]
mod queries;
mod request;
mod response;
mod run;
mod subset;

pub use atlas_macros::test;
pub use atlas_servers as servers;

#[cfg(feature = "db")]
pub use self::database::TestDatabase;
#[cfg(feature = "jobs")]
pub use self::jobs::TestJobs;
pub use self::{app::TestApp, builder::Builder, request::Request, response::Response, run::run};

#[cfg(doctest)]
mod pages {
    //! The examples of the documentation are tests.
    #[doc = include_str!("../../../docs/testing.md")]
    mod testing {}
    #[doc = include_str!("../../../docs/telemetry.md")]
    mod telemetry {}
}
