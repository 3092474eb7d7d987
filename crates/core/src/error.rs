//! Errors for callers: what kind, which code, what to tell.

use std::{borrow::Cow, error::Error as StdError, fmt};

use crate::BoxError;

/// The result of what callers ask for.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is, independent of any protocol; each edge translates it (HTTP status, gRPC code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Understood, but against the rules (422).
    Invalid,
    /// Not understood (400).
    Malformed,
    /// Nobody knows who asks (401).
    Unauthenticated,
    /// Known, but not allowed (403).
    Forbidden,
    /// Not there (404).
    NotFound,
    /// There already (409).
    AlreadyExists,
    /// Against the present state (409).
    Conflict,
    /// The caller's version is stale (412).
    PreconditionFailed,
    /// Too many requests (429).
    RateLimited,
    /// Too big (413).
    TooLarge,
    /// Took too long (504).
    Timeout,
    /// Not at this moment (503).
    Unavailable,
    /// Not built (501).
    NotImplemented,
    /// A fault of ours (500): the message and the source are for logs, never for callers.
    Internal,
}

/// A failure in terms of the domain: a kind, a stable code for programs, a message for people, and what is behind it.
///
/// ```
/// use atlas_core::{Error, Kind};
///
/// let error = Error::not_found("product_not_found", "there is no product `42`");
/// assert_eq!((error.kind(), error.code()), (Kind::NotFound, "product_not_found"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    code: &'static str,
    message: Cow<'static, str>,
    violations: Vec<Violation>,
    source: Option<BoxError>,
}

/// One rule that the input broke, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pointer: String,
    code: &'static str,
    message: String,
}

impl Violation {
    /// Where in the input: a JSON Pointer (RFC 6901), such as `/lines/0/quantity`.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Which rule, such as `max_length`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What is wrong, for people.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl Error {
    /// An error of any kind. The code is stable and in snake case; programs decide by it.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            code,
            message: message.into(),
            violations: Vec::new(),
            source: None,
        }))
    }

    /// [`Kind::NotFound`].
    pub fn not_found(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::NotFound, code, message)
    }

    /// [`Kind::Conflict`].
    pub fn conflict(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Conflict, code, message)
    }

    /// [`Kind::Invalid`]; add each broken rule with [`Error::violation`].
    pub fn invalid(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Invalid, code, message)
    }

    /// [`Kind::Unavailable`].
    pub fn unavailable(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unavailable, code, message)
    }

    /// [`Kind::Internal`] with the code `internal`: what no caller can do anything about. The source goes to the logs.
    pub fn internal(source: impl Into<BoxError>) -> Self {
        Self::new(
            Kind::Internal,
            "internal",
            "something went wrong on our side",
        )
        .source(source)
    }

    /// Keeps the error behind it, for logs.
    #[must_use]
    pub fn source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds a broken rule: a JSON Pointer (RFC 6901) into the input, the rule's code, and words for people.
    #[must_use]
    pub fn violation(
        mut self,
        pointer: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        self.0.violations.push(Violation {
            pointer: pointer.into(),
            code,
            message: message.into(),
        });
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What programs decide by.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What people read.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The rules that the input broke.
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            code,
            message,
            violations,
            source,
        } = &*self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", kind)
            .field("code", code)
            .field("message", message);
        if !violations.is_empty() {
            out.field("violations", violations);
        }
        if let Some(source) = source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
