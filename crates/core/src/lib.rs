//! The kernel of Atlas: components, modules, the checked graph and the lifecycle.
//!
//! An [`App`] is a list of [`Module`]s; a module is a list of plain functions. What a function asks for by type is
//! what another one returns. The graph is checked as a whole before any function runs ([`App::check`]), then only what
//! a root needs is built, started along the graph and stopped in reverse.
//!
//! ```
//! use atlas_core::{App, Component, Module};
//!
//! #[derive(Clone)]
//! struct Greeting(&'static str);
//! impl Component for Greeting {}
//!
//! #[derive(Clone)]
//! struct Greeter(Greeting);
//! impl Component for Greeter {}
//!
//! fn app() -> App {
//!     App::new("hello").module(
//!         Module::new("greeting")
//!             .supply(Greeting("hello"))
//!             .provide(Greeter),
//!     )
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! app().check().expect("the graph is sound");
//! let greeter: Greeter = app().resolve().await.expect("nothing here can fail");
//! assert_eq!(greeter.0.0, "hello");
//! # }
//! ```
//!
//! | to | use |
//! | --- | --- |
//! | share a value | [`Module::provide`], [`Module::supply`] |
//! | collect several | [`Module::contribute`] and an argument `Vec<T>` |
//! | wrap or swap one | [`Module::decorate`], [`Module::replace`] |
//! | do something at start | [`Module::process`], [`Module::invoke`] |
//! | hook into start and stop | an argument [`Lifecycle`] |
//! | end the app, or learn that it ends | an argument [`Shutdown`] or [`Phases`] |
//! | say what, where and how to fix | [`Diagnostic`] (operators), [`Error`] (callers) |

mod actor;
mod app;
mod diagnostic;
mod error;
mod exit;
mod graph;
mod health;
mod inject;
mod life;
pub mod scope;

pub use self::{
    actor::Actor,
    app::App,
    diagnostic::Diagnostic,
    error::{Error, Kind, Result, Violation},
    exit::ExitStatus,
    graph::{Graph, GraphErrors, Problem, Unused},
    health::HealthCheck,
    inject::{
        Component, Constructor, Effect, Eventually, Inputs, Key, Module, Named, Need, Output,
        Param, Ready, Settled,
    },
    life::{
        Cause, Lifecycle, Phase, Phases, RunError, Running, Shutdown, Signal, StartError,
        StartReport, Step, StepKind, StopError, StopFailure,
    },
};

/// Any error, ready to cross tasks: what constructors and hooks may fail with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The guide and the pages of the kernel's error codes: their examples run as tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../../docs/kernel.md")]
    struct Guide;
    #[doc = include_str!("../../../docs/errors/A001.md")]
    struct A001;
    #[doc = include_str!("../../../docs/errors/A002.md")]
    struct A002;
    #[doc = include_str!("../../../docs/errors/A003.md")]
    struct A003;
    #[doc = include_str!("../../../docs/errors/A004.md")]
    struct A004;
    #[doc = include_str!("../../../docs/errors/A005.md")]
    struct A005;
    #[doc = include_str!("../../../docs/errors/A006.md")]
    struct A006;
    #[doc = include_str!("../../../docs/errors/A007.md")]
    struct A007;
    #[doc = include_str!("../../../docs/errors/A101.md")]
    struct A101;
    #[doc = include_str!("../../../docs/errors/A102.md")]
    struct A102;
    #[doc = include_str!("../../../docs/errors/A103.md")]
    struct A103;
}
