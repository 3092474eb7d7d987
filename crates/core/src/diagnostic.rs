//! Errors for those who run an app: what, where, how to fix.

use std::{error::Error, fmt};

use crate::BoxError;

/// An error for the one who runs the app: what is wrong, where, and the way out, with a code and an exit code.
///
/// A constructor or hook that fails with one (or with an error that has one among its sources) ends the start with its
/// code, its message and its exit code; the kernel adds the path through the graph.
///
/// ```
/// use atlas_core::Diagnostic;
///
/// let error = Diagnostic::new("A201", "port 8080 is in use")
///     .place("http.port, from config/default.toml:4:8")
///     .help("stop the other process, or choose another port: `ATLAS_HTTP__PORT=8081`")
///     .exit(69);
/// assert_eq!(
///     error.to_string(),
///     "error[A201]: port 8080 is in use\n  --> http.port, from config/default.toml:4:8\n   = help: stop the other \
///      process, or choose another port: `ATLAS_HTTP__PORT=8081`",
/// );
/// ```
#[derive(Debug)]
pub struct Diagnostic {
    code: &'static str,
    message: String,
    place: Option<String>,
    help: Vec<String>,
    exit: u8,
    source: Option<BoxError>,
}

impl Diagnostic {
    /// A diagnostic with a code that has a page in `docs/errors`; the exit code is 1.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            place: None,
            help: Vec::new(),
            exit: 1,
            source: None,
        }
    }

    /// Says where: a file with line and column, a configuration key, a variable.
    #[must_use]
    pub fn place(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds a way out; the best one first.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Sets the exit code of the process: 65 for data or schema, 69 for what is unavailable, 78 for configuration.
    #[must_use]
    pub fn exit(mut self, code: u8) -> Self {
        self.exit = code;
        self
    }

    /// Keeps the error behind it.
    #[must_use]
    pub fn source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The code, such as `A201`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where.
    pub fn at(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// Ways out, the best one first.
    pub fn helps(&self) -> &[String] {
        &self.help
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        self.exit
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code, self.message)?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {place}")?;
        }
        for help in &self.help {
            write!(f, "\n   = help: {help}")?;
        }
        Ok(())
    }
}

impl Error for Diagnostic {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
