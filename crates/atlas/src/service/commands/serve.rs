//! `serve`: the service itself.

use std::sync::{Arc, OnceLock};

use atlas_core::{App, ExitStatus, Shutdown};
use atlas_telemetry::{Guard, LogConfig, Output};
use clap::{Arg, ArgMatches, Command};

use super::Outcome;
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;
use crate::service::{parent, report};

pub(super) fn command() -> Command {
    Command::new("serve")
        .about("Runs the service until a signal ends it (the default)")
        .arg(
            Arg::new("process")
                .value_name("PROCESS")
                .num_args(0..)
                .help("Runs only these processes; all of them by default"),
        )
        .args(workers())
}

/// `--with-workers`, where there are jobs.
#[cfg(feature = "jobs")]
fn workers() -> Option<Arg> {
    let with = Arg::new("with-workers")
        .long("with-workers")
        .action(clap::ArgAction::SetTrue)
        .conflicts_with("process")
        .help("Runs background jobs too, as `jobs.embedded` says for good");
    Some(with)
}

#[cfg(not(feature = "jobs"))]
fn workers() -> Option<Arg> {
    None
}

/// Starts, waits for the end, stops; the log is written to its end before a failure is printed.
pub(super) async fn run(invocation: &Invocation, matches: Option<&ArgMatches>) -> Outcome {
    // what is wrong with the configuration is known before anything of the service runs
    let _guard = log(invocation.valid_app().await?).await?;
    let app = stop_in_time(invocation.app(), invocation).await?;
    let app = select(app, matches)?;
    let app = match matches.is_some_and(|matches| matches.contains_id("process")) {
        true => app,
        false => without_workers(app, invocation.app(), matches).await?,
    };
    carry(app.with(|overrides| overrides.module(report::module()))).await
}

/// Runs the app to its end, which comes too when the process that it lives with is gone.
pub(super) async fn carry(app: App) -> Outcome {
    let ending = Arc::new(OnceLock::<Shutdown>::new());
    let slot = Arc::clone(&ending);
    parent::guard(move || {
        if let Some(shutdown) = ending.get() {
            shutdown.request(0);
        }
    });
    let app = app.with(|overrides| {
        overrides.invoke(move |shutdown: Shutdown| {
            let _ = slot.set(shutdown);
        })
    });
    let status: ExitStatus = app.run().await?;
    Ok(status)
}

/// Leaves the workers out, unless they are wanted beside the rest, or are all there is.
#[cfg(feature = "jobs")]
async fn without_workers(
    app: App,
    asked: App,
    matches: Option<&ArgMatches>,
) -> Result<App, Failure> {
    let wanted = matches.is_some_and(|matches| matches.get_flag("with-workers"));
    let mut others = app.processes();
    others.retain(|process| *process != atlas_jobs::PROCESS);
    if wanted || others.is_empty() || others.len() == app.processes().len() {
        return Ok(app);
    }
    let config = asked.resolve::<Option<atlas_jobs::JobsConfig>>().await?;
    Ok(match config {
        Some(config) if !config.embedded => app.only(&others),
        _ => app,
    })
}

#[cfg(not(feature = "jobs"))]
async fn without_workers(app: App, _: App, _: Option<&ArgMatches>) -> Result<App, Failure> {
    Ok(app)
}

pub(super) async fn log(app: App) -> Result<Option<Guard>, Failure> {
    let Some(config) = app.resolve::<Option<LogConfig>>().await? else {
        return Ok(None);
    };
    match atlas_telemetry::install(&config, Output::Stdout) {
        Ok(guard) => Ok(Some(guard)),
        Err(error) => Err(Failure::new(error.to_string())),
    }
}

/// Gives stopping the time that the configuration promises to requests in flight and to running jobs, and a rest for all
/// else.
pub(super) async fn stop_in_time(app: App, invocation: &Invocation) -> Result<App, Failure> {
    /// With the defaults of production, 5 s and 20 s of HTTP, it makes the 28 s that an app has anyway.
    const REST: std::time::Duration = std::time::Duration::from_secs(3);
    let promised = [
        requests(invocation.app()).await?,
        jobs(invocation.app()).await?,
    ];
    let longest = promised.into_iter().flatten().max();
    Ok(match longest {
        Some(longest) => app.stop_timeout_at_least(longest + REST),
        None => app,
    })
}

#[cfg(feature = "http")]
async fn requests(asked: App) -> Result<Option<std::time::Duration>, Failure> {
    let http = asked.resolve::<Option<atlas_http::HttpConfig>>().await?;
    Ok(http.map(|http| http.drain_delay.get() + http.grace.get()))
}

#[cfg(not(feature = "http"))]
async fn requests(_: App) -> Result<Option<std::time::Duration>, Failure> {
    Ok(None)
}

#[cfg(feature = "jobs")]
async fn jobs(asked: App) -> Result<Option<std::time::Duration>, Failure> {
    let jobs = asked.resolve::<Option<atlas_jobs::JobsConfig>>().await?;
    Ok(jobs.map(|jobs| jobs.shutdown_grace.get()))
}

#[cfg(not(feature = "jobs"))]
async fn jobs(_: App) -> Result<Option<std::time::Duration>, Failure> {
    Ok(None)
}

fn select(app: App, matches: Option<&ArgMatches>) -> Result<App, Failure> {
    let asked: Vec<&str> = matches
        .and_then(|matches| matches.get_many::<String>("process"))
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    if asked.is_empty() {
        return Ok(app);
    }
    let known = app.processes();
    match asked.iter().find(|name| !known.contains(name)) {
        None => Ok(app.only(&asked)),
        Some(unknown) => {
            let failure =
                Failure::new(format!("`{}` has no process `{unknown}`", app.name())).exit(2);
            Err(match known.as_slice() {
                [] => failure.help("it has none at all; run it without a name"),
                known => failure.help(&format!("it has: {}", known.join(", "))),
            })
        }
    }
}
