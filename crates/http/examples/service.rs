//! A service for the tests with real processes: it is configured by `ATLAS_HTTP__…`, and says on standard output where it
//! listens once it has started.
//!
//! With `SERVICE_HANGS=1` one of its stop hooks never ends.

use std::process::ExitCode;
use std::time::Duration;

use atlas_core::{App, Lifecycle, Module, Phase, Phases};
use atlas_http::{Listening, Path, Routes, get};

async fn hello() -> String {
    "hello".to_owned()
}

async fn slow(Path(milliseconds): Path<u64>) -> String {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    "done".to_owned()
}

fn routes() -> Routes {
    Routes::new("")
        .route("/hello", get(hello))
        .route("/slow/{milliseconds}", get(slow))
}

#[allow(
    clippy::print_stdout,
    reason = "the test that started it reads this line"
)]
fn announce(listening: Listening, phases: Phases, lifecycle: Lifecycle) {
    lifecycle.spawn(move |shutdown| async move {
        if phases.wait_for(Phase::Started).await == Phase::Started {
            println!("listening on {}", listening.address().await);
        }
        shutdown.triggered().await;
    });
}

fn hangs_at_stop(lifecycle: Lifecycle) {
    lifecycle.limit(Duration::from_millis(300));
    lifecycle.on_stop(std::future::pending::<()>);
}

#[allow(
    clippy::print_stderr,
    reason = "the test that started it reads this line"
)]
fn stops(lifecycle: Lifecycle) {
    lifecycle.on_stop(|| async { eprintln!("the other one stopped") });
}

fn app() -> App {
    let mut module = Module::new("service")
        .contribute(routes)
        .invoke(announce)
        .invoke(stops);
    if std::env::var_os("SERVICE_HANGS").is_some() {
        module = module.invoke(hangs_at_stop);
    }
    App::new("service")
        .module(atlas_config::module())
        .module(atlas_telemetry::module())
        .module(atlas_http::module())
        .module(module)
}

#[tokio::main]
#[allow(clippy::print_stderr, reason = "the one place where an error is shown")]
async fn main() -> ExitCode {
    match app().run().await {
        Ok(status) => status.into(),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}
