//! The commands, one file each.

use atlas_core::ExitStatus;
use atlas_telemetry::{Filter, Format, LogConfig, Output};
use clap::{ArgMatches, Command};

use super::failure::Failure;
use super::invocation::Invocation;

mod check;
mod config;
#[cfg(feature = "db")]
mod db;
mod graph;
#[cfg(feature = "http")]
mod healthcheck;
#[cfg(feature = "jobs")]
mod jobs;
#[cfg(feature = "db")]
mod migrate;
#[cfg(feature = "http")]
mod openapi;
#[cfg(feature = "http")]
mod routes;
#[cfg(feature = "jobs")]
mod schedule;
#[cfg(feature = "db")]
mod seed;
mod serve;
#[cfg(feature = "jobs")]
mod worker;

/// How a command ends.
type Outcome = Result<ExitStatus, Failure>;

/// Every command, in the order of the help.
pub(super) fn all() -> Vec<Command> {
    vec![
        serve::command(),
        #[cfg(feature = "jobs")]
        worker::command(),
        #[cfg(feature = "jobs")]
        jobs::command(),
        #[cfg(feature = "jobs")]
        schedule::command(),
        #[cfg(feature = "db")]
        migrate::command(),
        #[cfg(feature = "db")]
        seed::command(),
        #[cfg(feature = "db")]
        db::command(),
        #[cfg(feature = "http")]
        routes::command(),
        config::command(),
        graph::command(),
        check::command(),
        #[cfg(feature = "http")]
        openapi::command(),
        #[cfg(feature = "http")]
        healthcheck::command(),
    ]
}

/// Runs the command that was asked for; `serve` when none was.
pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    match matches.subcommand() {
        None => return serve::run(invocation, None).await,
        Some(("serve", matches)) => return serve::run(invocation, Some(matches)).await,
        #[cfg(feature = "jobs")]
        Some(("worker", matches)) => return worker::run(invocation, matches).await,
        Some(_) => {}
    }
    // an answer is on standard output; what the service has to say beside it is not
    let quiet = LogConfig::new(Filter::warn(), Format::Pretty);
    let _guard = atlas_telemetry::install(&quiet, Output::Stderr)
        .map_err(|error| Failure::new(error.to_string()))?;
    match matches.subcommand() {
        #[cfg(feature = "db")]
        Some(("migrate", matches)) => migrate::run(invocation, matches).await,
        #[cfg(feature = "db")]
        Some(("db", matches)) => db::run(invocation, matches).await,
        #[cfg(feature = "db")]
        Some(("seed", matches)) => seed::run(invocation, matches).await,
        #[cfg(feature = "http")]
        Some(("routes", matches)) => routes::run(invocation, matches).await,
        #[cfg(feature = "jobs")]
        Some(("jobs", matches)) => jobs::run(invocation, matches).await,
        #[cfg(feature = "jobs")]
        Some(("schedule", matches)) => schedule::run(invocation, matches).await,
        Some(("config", matches)) => config::run(invocation, matches).await,
        Some(("graph", matches)) => graph::run(invocation, matches),
        Some(("check", matches)) => check::run(invocation, matches).await,
        #[cfg(feature = "http")]
        Some(("openapi", matches)) => openapi::run(invocation, matches).await,
        #[cfg(feature = "http")]
        Some(("healthcheck", matches)) => healthcheck::run(invocation, matches).await,
        other => {
            let name = other.map_or("", |(name, _)| name);
            Err(Failure::new(format!("there is no command `{name}`")).exit(2))
        }
    }
}
