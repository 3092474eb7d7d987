//! `main` of a service.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::process::ExitCode;
use std::task::Poll;

use atlas_core::App;

use super::failure::Failure;
use super::invocation::Invocation;
use super::printer::Printer;
use super::{cli, commands};

/// Runs the command line of a service: `serve` by default, and all its operations (`shop --help` lists them).
///
/// `app` is called for every graph that is needed, so it must only describe the app. Configuration comes from the files,
/// the environment and the command line; the app must have [`defaults()`](crate::defaults()).
///
/// The exit code says how it went: 0 done, 1 failed, 2 wrong usage, 3 a check found something, 65 data or schema, 69
/// unavailable, 70 panic, 78 configuration, 130 and 143 ended at once by a second signal.
///
/// ```no_run
/// use atlas::prelude::*;
///
/// fn app() -> App {
///     App::new("shop").module(atlas::defaults())
/// }
///
/// #[tokio::main]
/// async fn main() -> std::process::ExitCode {
///     atlas::main(app).await
/// }
/// ```
pub async fn main(app: fn() -> App) -> ExitCode {
    let printer = Printer::new();
    // boxed: the future of every command inside that of `main` would be as large as the largest
    match caught(Box::pin(run(app, printer))).await {
        Some(Ok(code)) => code,
        Some(Err(failure)) => {
            printer.failure(&failure.to_string());
            failure.exit_code().into()
        }
        // the panic hook has said where and why
        None => PANIC.into(),
    }
}

/// The exit code after a panic, `EX_SOFTWARE` of sysexits.h.
const PANIC: u8 = 70;

async fn run(app: fn() -> App, printer: Printer) -> Result<ExitCode, Failure> {
    let described = app();
    let command = cli::command(described.name(), described.version_name());
    drop(described);
    let matches = match command.try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // help is asked for with an error that goes to standard output
            let _ = error.print();
            return Ok(u8::try_from(error.exit_code()).unwrap_or(2).into());
        }
    };
    let invocation = Invocation::new(app, &matches, printer).await?;
    let status = commands::run(&invocation, &matches).await?;
    Ok(status.into())
}

/// Runs a future to its end; `None` when it panics on the way.
async fn caught<T>(mut future: Pin<Box<dyn Future<Output = T>>>) -> Option<T> {
    poll_fn(move |context| {
        let poll = AssertUnwindSafe(|| future.as_mut().poll(context));
        match catch_unwind(poll) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}
