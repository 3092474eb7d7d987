//! What is wrong with a graph, in words.

use std::fmt;

/// Everything that is wrong with a graph, found before any constructor ran.
#[derive(Debug)]
pub struct GraphErrors {
    pub(super) app: &'static str,
    pub(super) problems: Vec<Problem>,
}

impl GraphErrors {
    /// The problems, sorted by code.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for GraphErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        let (app, count) = (self.app, self.problems.len());
        let plural = if count == 1 { "" } else { "s" };
        write!(
            f,
            "error: `{app}` cannot be assembled: {count} problem{plural}; nothing was started"
        )
    }
}

impl std::error::Error for GraphErrors {}

/// One thing that is wrong with a graph: what, where, by which path, and the way out.
#[derive(Clone, Debug)]
pub struct Problem {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) places: Vec<String>,
    pub(super) path: Option<String>,
    pub(super) help: Vec<String>,
}

impl Problem {
    /// The code, such as `A001`; `docs/errors` has a page for each.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it was registered: `file:line:column`, the function and its module.
    pub fn places(&self) -> &[String] {
        &self.places
    }

    /// How the graph leads there from a root.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Ways out.
    pub fn help(&self) -> &[String] {
        &self.help
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code, self.message)?;
        for place in &self.places {
            write!(f, "\n  --> {place}")?;
        }
        if let Some(path) = &self.path {
            write!(f, "\n   = path: {path}")?;
        }
        for help in &self.help {
            write!(f, "\n   = help: {help}")?;
        }
        Ok(())
    }
}

/// A constructor that nothing needs, so that it never runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// The type it would make.
    pub component: String,
    /// The function, as messages name it.
    pub function: String,
    /// Its module.
    pub module: String,
    /// Where it was registered: `file:line:column`.
    pub place: String,
}

impl fmt::Display for Unused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            component,
            function,
            module,
            place,
        } = self;
        write!(
            f,
            "{place}  `{component}` from {function} (module `{module}`) is needed by nothing"
        )
    }
}
