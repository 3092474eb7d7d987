//! Panics as log lines.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::time::Duration;

use super::layer::Style;
use super::writer::Writer;

/// How long a panic may wait for the log to be written; the process may end right after it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Logs every panic of the process as one line at `ERROR`, written before the thread unwinds.
///
/// With `RUST_BACKTRACE=1` the line has the stack as `exception.stacktrace`; for people it follows on standard error.
pub(super) fn log(writer: Writer, style: Style) {
    std::panic::set_hook(Box::new(move |info| {
        let stack = Backtrace::capture();
        let captured = stack.status() == BacktraceStatus::Captured;
        let stacktrace = (captured && style == Style::Json).then(|| stack.to_string());
        let thread = std::thread::current();
        tracing::error!(
            target: "atlas::panic",
            {
                "exception.type" = "panic",
                exception.message = message(info),
                exception.stacktrace = stacktrace,
                location = info.location().map(tracing::field::display),
                thread = thread.name(),
            },
            "panicked: {}",
            message(info)
        );
        writer.flush(PATIENCE);
        if captured && style != Style::Json {
            let _ = write!(std::io::stderr(), "{stack}");
        }
    }));
}

fn message<'a>(info: &'a PanicHookInfo<'_>) -> &'a str {
    info.payload_as_str().unwrap_or("a value that is no text")
}
