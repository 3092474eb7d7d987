//! What went wrong while an app stopped, in words.

use std::{error::Error, fmt, sync::Arc};

use super::{
    reason::Reason,
    words::{causes, diagnostic_in, exit_code, note},
};
use crate::Diagnostic;

/// One hook or task that did not stop as it should.
#[derive(Debug)]
pub struct StopFailure {
    pub(super) name: Arc<str>,
    pub(super) reason: Reason,
}

impl StopFailure {
    pub(super) fn new(name: Arc<str>, reason: Reason) -> Self {
        Self { name, reason }
    }

    /// The hook or task, as messages name it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for StopFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.reason)
    }
}

impl Error for StopFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.reason.error()
    }
}

/// What went wrong while stopping (`A103`): each hook that failed or ran out of time, and each task that died. All the
/// rest has stopped.
pub struct StopError {
    failures: Vec<StopFailure>,
}

impl StopError {
    pub(super) fn new(failures: Vec<StopFailure>) -> Self {
        Self { failures }
    }

    /// Each hook and task that failed.
    pub fn failures(&self) -> &[StopFailure] {
        &self.failures
    }

    /// The [`Diagnostic`] in the chain of causes of a failure.
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        self.failures
            .iter()
            .find_map(|failure| diagnostic_in(failure.source()))
    }

    /// The exit code for the process: the [`Diagnostic`]'s, 70 for a panic, else 1.
    pub fn exit_code(&self) -> u8 {
        let worst = self
            .failures
            .iter()
            .find(|failure| failure.reason.is_panic())
            .or(self.failures.first());
        exit_code(self.diagnostic(), worst.map(|failure| &failure.reason))
    }
}

impl fmt::Display for StopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut notes = String::new();
        match self.failures.as_slice() {
            [only] => {
                write!(f, "error[A103]: stopped with 1 failure: {only}")?;
                causes(&mut notes, only.source());
            }
            many => {
                write!(f, "error[A103]: stopped with {} failures", many.len())?;
                for failure in many {
                    note(&mut notes, "failure", &failure.to_string());
                    causes(&mut notes, failure.source());
                }
            }
        }
        for help in self.diagnostic().into_iter().flat_map(Diagnostic::helps) {
            note(&mut notes, "help", help);
        }
        f.write_str(&notes)
    }
}

impl fmt::Debug for StopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for StopError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failures.first().map(|failure| failure as &dyn Error)
    }
}
