//! `worker`: a process that runs jobs, and nothing else.

use atlas_core::App;
use atlas_jobs::{JobsConfig, PROCESS};
use clap::{Arg, ArgMatches, Command, value_parser};

use super::{Outcome, serve};
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;
use crate::service::report;

pub(super) fn command() -> Command {
    Command::new("worker")
        .about("Runs background jobs until a signal ends it; builds only what they need")
        .arg(
            Arg::new("queues")
                .long("queues")
                .value_name("QUEUE[:WEIGHT],…")
                .help("The queues to take jobs from; else `jobs.queues`. `critical:4,default:1`"),
        )
        .arg(
            Arg::new("concurrency")
                .long("concurrency")
                .value_name("COUNT")
                .value_parser(value_parser!(u32).range(1..=10_000))
                .help("The most jobs at a time; else `jobs.concurrency`"),
        )
        .args(listen())
}

/// `--listen`, where there is HTTP.
#[cfg(feature = "http")]
fn listen() -> Option<Arg> {
    let listen = Arg::new("listen")
        .long("listen")
        .value_name("ADDRESS")
        .value_parser(value_parser!(std::net::SocketAddr))
        .help("Answers /livez, /readyz, /startupz and /metrics there: `0.0.0.0:8081`");
    Some(listen)
}

#[cfg(not(feature = "http"))]
fn listen() -> Option<Arg> {
    None
}

/// The endpoints of operators, if they were asked for.
#[cfg(feature = "http")]
fn probes(app: App, matches: &ArgMatches) -> App {
    match matches.get_one::<std::net::SocketAddr>("listen") {
        Some(address) => {
            let probes = atlas_http::probes(*address, "--listen");
            app.with(|overrides| overrides.module(probes))
        }
        None => app,
    }
}

#[cfg(not(feature = "http"))]
fn probes(app: App, _: &ArgMatches) -> App {
    app
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let _guard = serve::log(invocation.valid_app().await?).await?;
    let app = with_jobs(invocation.app())?;
    let mut config: JobsConfig = invocation.app().resolve().await?;
    if let Some(queues) = matches.get_one::<String>("queues") {
        config = config.only(queues).map_err(|problem| {
            Failure::new(format!("`--queues {queues}` cannot be: {problem}"))
                .exit(2)
                .help("name queues, each with its weight if it is not 1: `--queues critical:4,default`")
        })?;
    }
    if let Some(concurrency) = matches.get_one::<u32>("concurrency") {
        config.concurrency = *concurrency;
    }
    let app = serve::stop_in_time(app.only(&[PROCESS]), invocation).await?;
    let app = app.with(|overrides| {
        overrides
            .replace(move || config.clone())
            .module(report::of_worker())
    });
    serve::carry(probes(app, matches)).await
}

/// The app, if it has jobs.
fn with_jobs(app: App) -> Result<App, Failure> {
    let name = app.name();
    match app.processes().contains(&PROCESS) {
        true => Ok(app),
        false => Err(Failure::new(format!("`{name}` has no jobs"))
            .exit(2)
            .help("add `.module(atlas::jobs::module())` to the app")),
    }
}
