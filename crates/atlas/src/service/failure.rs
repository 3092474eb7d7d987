//! Why a command ends badly.

use std::error::Error;
use std::fmt;

use atlas_core::{Diagnostic, GraphErrors, RunError, StartError};

/// What to print and the code to exit with.
#[derive(Debug)]
pub(super) struct Failure {
    text: String,
    exit: u8,
}

impl Failure {
    /// A failure without a code of its own.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: format!("error: {}", text.into()),
            exit: 1,
        }
    }

    pub(super) fn exit(mut self, code: u8) -> Self {
        self.exit = code;
        self
    }

    pub(super) fn help(mut self, text: &str) -> Self {
        self.text.push_str("\n   = help: ");
        self.text.push_str(text);
        self
    }

    pub(super) fn exit_code(&self) -> u8 {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Diagnostic> for Failure {
    fn from(error: Diagnostic) -> Self {
        let mut text = error.to_string();
        let mut source = Error::source(&error);
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            // many errors repeat their source in their own text
            if !text.contains(&cause_text) {
                text.push_str(&format!("\n   = cause: {cause_text}"));
            }
            source = cause.source();
        }
        Self {
            text,
            exit: error.exit_code(),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self {
            text: error.to_string(),
            exit: error.exit_code(),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self {
            text: error.to_string(),
            exit: error.exit_code(),
        }
    }
}

impl From<GraphErrors> for Failure {
    fn from(error: GraphErrors) -> Self {
        Self {
            text: error.to_string(),
            exit: 1,
        }
    }
}
