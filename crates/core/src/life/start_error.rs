//! Why an app did not start, in words.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use super::{
    Cause, StopFailure,
    reason::Reason,
    words::{causes, diagnostic_in, exit_code, note},
};
use crate::{Diagnostic, GraphErrors};

/// Why an app did not start. By now all that had started is stopped again.
pub struct StartError(Box<Inner>);

struct Inner {
    app: &'static str,
    what: What,
    rolled_back: Vec<Arc<str>>,
    failures: Vec<StopFailure>,
}

/// What went wrong.
#[derive(Debug)]
pub(crate) enum What {
    Graph(GraphErrors),
    Constructor {
        component: Option<String>,
        label: Arc<str>,
        place: String,
        path: Vec<Arc<str>>,
        reason: Reason,
    },
    Hook {
        name: Arc<str>,
        place: String,
        path: Vec<Arc<str>>,
        reason: Reason,
    },
    Task {
        name: Arc<str>,
        reason: Reason,
    },
    Overtime {
        limit: Duration,
        running: Vec<Arc<str>>,
    },
    Interrupted(Cause),
    Signals(std::io::Error),
}

impl StartError {
    pub(crate) fn new(
        app: &'static str,
        what: What,
        rolled_back: Vec<Arc<str>>,
        failures: Vec<StopFailure>,
    ) -> Self {
        Self(Box::new(Inner {
            app,
            what,
            rolled_back,
            failures,
        }))
    }

    /// The code: `A101` for a constructor, `A102` for a hook, a task or the whole start, or the code of the
    /// [`Diagnostic`] they failed with; `None` for an unsound graph, whose problems have one each.
    pub fn code(&self) -> Option<&'static str> {
        if let Some(diagnostic) = self.diagnostic() {
            return Some(diagnostic.code());
        }
        match &self.0.what {
            What::Graph(_) => None,
            What::Constructor { .. } => Some("A101"),
            What::Hook { .. }
            | What::Task { .. }
            | What::Overtime { .. }
            | What::Interrupted(_)
            | What::Signals(_) => Some("A102"),
        }
    }

    /// The problems of an unsound graph.
    pub fn graph(&self) -> Option<&GraphErrors> {
        match &self.0.what {
            What::Graph(errors) => Some(errors),
            _ => None,
        }
    }

    /// What ended the app while it was starting: a signal or a request.
    pub fn cause(&self) -> Option<&Cause> {
        match &self.0.what {
            What::Interrupted(cause) => Some(cause),
            _ => None,
        }
    }

    /// The constructors whose hooks and tasks were stopped again, in that order.
    pub fn rolled_back(&self) -> impl Iterator<Item = &str> {
        self.0.rolled_back.iter().map(|name| &**name)
    }

    /// What went wrong while stopping what had started.
    pub fn rollback_failures(&self) -> &[StopFailure] {
        &self.0.failures
    }

    /// The [`Diagnostic`] in the chain of causes.
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        diagnostic_in(self.source())
    }

    /// The exit code for the process: the [`Diagnostic`]'s, that of the signal or request that interrupted the start,
    /// 70 for a panic, else 1.
    pub fn exit_code(&self) -> u8 {
        match &self.0.what {
            What::Interrupted(Cause::Signal(signal)) => signal.exit_code(),
            What::Interrupted(Cause::Requested(code)) => *code,
            _ => exit_code(self.diagnostic(), self.reason()),
        }
    }

    fn reason(&self) -> Option<&Reason> {
        match &self.0.what {
            What::Constructor { reason, .. }
            | What::Hook { reason, .. }
            | What::Task { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// The first line without its code, when no diagnostic says it better.
    fn message(&self) -> String {
        let app = self.0.app;
        match &self.0.what {
            What::Graph(errors) => errors.to_string(),
            What::Constructor { reason, .. } => format!("{} {reason}", self.subject()),
            What::Hook { reason, .. } | What::Task { reason, .. } => {
                format!("{} {reason}", self.subject())
            }
            What::Overtime { limit, running } => {
                format!(
                    "`{app}` did not start within {limit:?}; still starting: {}",
                    running.join(", ")
                )
            }
            What::Interrupted(cause) => {
                format!("`{app}` was ended by {cause} before it had started")
            }
            What::Signals(error) => format!("`{app}` cannot handle signals: {error}"),
        }
    }

    fn subject(&self) -> String {
        match &self.0.what {
            What::Constructor {
                component: Some(component),
                label,
                ..
            } => format!("`{component}`, made by {label},"),
            What::Constructor { label, .. } => label.to_string(),
            What::Hook { name, .. } | What::Task { name, .. } => name.to_string(),
            _ => self.0.app.to_owned(),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let What::Graph(errors) = &self.0.what {
            return errors.fmt(f);
        }
        let code = self.code().unwrap_or("A102");
        let mut notes = String::new();
        match self.diagnostic() {
            Some(diagnostic) => {
                write!(f, "error[{code}]: {}", diagnostic.message())?;
                if let Some(place) = diagnostic.at() {
                    write!(f, "\n  --> {place}")?;
                }
                note(&mut notes, "in", self.subject().trim_end_matches(','));
            }
            None => write!(f, "error[{code}]: {}", self.message())?,
        }
        if let What::Constructor { place, path, .. } | What::Hook { place, path, .. } = &self.0.what
        {
            if self.diagnostic().is_none() {
                write!(f, "\n  --> {place}")?;
            }
            note(&mut notes, "path", &path.join(" → "));
        }
        causes(
            &mut notes,
            self.diagnostic()
                .map(|found| found as &dyn Error)
                .or_else(|| self.source()),
        );
        if !self.0.rolled_back.is_empty() {
            note(&mut notes, "rolled back", &self.0.rolled_back.join(", "));
        }
        for failure in &self.0.failures {
            note(&mut notes, "not rolled back", &failure.to_string());
        }
        for help in self.diagnostic().into_iter().flat_map(Diagnostic::helps) {
            note(&mut notes, "help", help);
        }
        f.write_str(&notes)
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.what {
            What::Signals(error) => Some(error),
            _ => self.reason().and_then(Reason::error),
        }
    }
}
