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
}

/// Starts, waits for the end, stops; the log is written to its end before a failure is printed.
pub(super) async fn run(invocation: &Invocation, matches: Option<&ArgMatches>) -> Outcome {
    // what is wrong with the configuration is known before anything of the service runs
    let _guard = log(invocation.valid_app().await?).await?;
    let app = stop_in_time(invocation.app(), invocation.app()).await?;
    let app = select(app, matches)?;
    let ending = Arc::new(OnceLock::<Shutdown>::new());
    let slot = Arc::clone(&ending);
    parent::guard(move || {
        if let Some(shutdown) = ending.get() {
            shutdown.request(0);
        }
    });
    let app = app.with(|overrides| {
        overrides
            .invoke(move |shutdown: Shutdown| {
                let _ = slot.set(shutdown);
            })
            .module(report::module())
    });
    let status: ExitStatus = app.run().await?;
    Ok(status)
}

async fn log(app: App) -> Result<Option<Guard>, Failure> {
    let Some(config) = app.resolve::<Option<LogConfig>>().await? else {
        return Ok(None);
    };
    match atlas_telemetry::install(&config, Output::Stdout) {
        Ok(guard) => Ok(Some(guard)),
        Err(error) => Err(Failure::new(error.to_string())),
    }
}

/// Gives stopping the time that the configuration promises to requests in flight, and a rest for all else.
#[cfg(feature = "http")]
async fn stop_in_time(app: App, asked: App) -> Result<App, Failure> {
    /// With the defaults of production, 5 s and 20 s, it makes the 28 s that an app has anyway.
    const REST: std::time::Duration = std::time::Duration::from_secs(3);
    let http = asked.resolve::<Option<atlas_http::HttpConfig>>().await?;
    Ok(match http {
        Some(http) => app.stop_timeout_at_least(http.drain_delay.get() + http.grace.get() + REST),
        None => app,
    })
}

#[cfg(not(feature = "http"))]
async fn stop_in_time(app: App, _asked: App) -> Result<App, Failure> {
    Ok(app)
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
