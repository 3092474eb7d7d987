//! Why an app did not run to a good end.

use std::{error::Error, fmt};

use super::{StartError, StopError};
use crate::Diagnostic;

/// Why [`App::run`](crate::App::run) did not end well.
#[derive(Debug)]
pub enum RunError {
    /// The app did not start.
    Start(StartError),
    /// The app started, but did not stop as it should, or a task died.
    Stop(StopError),
}

impl RunError {
    /// The exit code for the process; never 0.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Start(error) => error.exit_code().max(1),
            Self::Stop(error) => error.exit_code().max(1),
        }
    }

    /// The [`Diagnostic`] in the chain of causes.
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        match self {
            Self::Start(error) => error.diagnostic(),
            Self::Stop(error) => error.diagnostic(),
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => error.fmt(f),
            Self::Stop(error) => error.fmt(f),
        }
    }
}

impl Error for RunError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Start(error) => error.source(),
            Self::Stop(error) => error.source(),
        }
    }
}

impl From<StartError> for RunError {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}

impl From<StopError> for RunError {
    fn from(error: StopError) -> Self {
        Self::Stop(error)
    }
}
