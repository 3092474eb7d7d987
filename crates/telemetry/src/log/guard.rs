//! Where lines go, from now until the guard is dropped.

use std::fmt;
use std::io::{self, IsTerminal};
use std::time::Duration;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use super::config::{Format, LogConfig};
use super::layer::{Lines, Style};
use super::panics;
use super::writer::{Sink, Writer};
use crate::color;

/// How long the end of the process may wait for whoever reads the log.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// Standard output, for a service that serves.
    Stdout,
    /// Standard error, for a command whose answer is on standard output.
    Stderr,
    /// `print!`, which the test harness captures for the test that runs, and shows only when it fails.
    Harness,
}

/// Keeps logging alive; dropping it writes what is left.
#[derive(Debug)]
#[must_use = "lines that still wait are lost when nobody holds the guard until the end of `main`"]
pub struct Guard {
    writer: Option<Writer>,
}

/// Why the process does not log as asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum InstallError {
    /// Another subscriber was installed before; a process has one.
    AlreadyInstalled,
    /// The system gave no thread to write lines.
    Thread(io::Error),
}

/// Makes this the logging of the whole process: every [`tracing`] event that the filter lets through becomes a line, and
/// so does every panic.
///
/// # Errors
/// When the process has a subscriber already, or cannot start a thread.
pub fn install(config: &LogConfig, output: Output) -> Result<Guard, InstallError> {
    let (sink, terminal) = match output {
        Output::Stdout => (thread(io::stdout(), config)?, io::stdout().is_terminal()),
        Output::Stderr => (thread(io::stderr(), config)?, io::stderr().is_terminal()),
        Output::Harness => (Sink::Harness, false),
    };
    let writer = match &sink {
        Sink::Thread(writer) => Some(writer.clone()),
        Sink::Harness => None,
    };
    let style = match config.format {
        Format::Json => Style::Json,
        Format::Pretty => Style::Pretty {
            color: color::wanted(terminal),
        },
    };
    // a filter of the whole registry is asked once a call site, one of a layer once an event
    let subscriber = registry()
        .with(Lines { style, sink })
        .with(config.level.targets().clone());
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|_| InstallError::AlreadyInstalled)?;
    // the harness has a hook of its own that captures
    if let Some(writer) = &writer {
        panics::log(writer.clone(), style);
    }
    Ok(Guard { writer })
}

fn thread(out: impl io::Write + Send + 'static, config: &LogConfig) -> Result<Sink, InstallError> {
    Writer::start(out, config.format)
        .map(Sink::Thread)
        .map_err(InstallError::Thread)
}

impl Guard {
    /// Writes every line so far before it returns, waiting at most two seconds for the reader.
    pub fn flush(&self) {
        if let Some(writer) = &self.writer {
            writer.flush(PATIENCE);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(writer) = &self.writer {
            writer.close(PATIENCE);
        }
    }
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyInstalled => f.write_str(
                "cannot install logging: the process has a `tracing` subscriber already; remove the other one",
            ),
            Self::Thread(_) => f.write_str("cannot start the thread that writes the log"),
        }
    }
}

impl std::error::Error for InstallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::AlreadyInstalled => None,
            Self::Thread(error) => Some(error),
        }
    }
}
