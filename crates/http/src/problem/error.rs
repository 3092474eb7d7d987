//! The error of handlers.

use std::fmt;

use atlas_core::{BoxError, Kind};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::{Fault, Place, Problem};
use crate::conditional::is_conditional;

/// What a handler returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a handler failed: the problem that the client is told, and the cause that only the log is told.
///
/// `?` makes one from every error that becomes an `atlas_core::Error`, whose kind decides the status:
///
/// ```
/// use atlas_http::{Error, problem::Problem};
/// use axum::http::StatusCode;
///
/// fn handler() -> atlas_http::Result<()> {
///     Err(atlas_core::Error::not_found("product_not_found", "there is no product `42`"))?
/// }
/// assert_eq!(handler().unwrap_err().problem().status(), StatusCode::NOT_FOUND);
/// ```
///
/// The message of a domain error is shown for 4xx and kept back for 5xx, whose text is always the same.
pub struct Error(Box<Inner>);

struct Inner {
    problem: Problem,
    cause: Option<BoxError>,
}

impl Error {
    /// What the client is told.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }

    /// The errors of several arguments as one: the faults of the input are put together, anything else goes first.
    pub(crate) fn together<const N: usize>(errors: [Option<Self>; N]) -> Self {
        let mut errors: Vec<Self> = errors.into_iter().flatten().collect();
        let lists_faults = |error: &Self| !error.problem().list().is_empty();
        if let Some(at) = errors.iter().position(|error| !lists_faults(error)) {
            return errors.swap_remove(at);
        }
        let faults = errors.iter().flat_map(|error| error.problem().list());
        let faults: Vec<Fault> = faults.cloned().collect();
        // what cannot be read outweighs what breaks a rule
        let first = errors
            .into_iter()
            .min_by_key(|error| error.problem().status());
        match first {
            Some(Self(inner)) => Self::from(inner.problem.with_faults(faults)),
            None => Self::from(Problem::internal()),
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Inner {
            problem,
            cause: None,
        }))
    }
}

impl<E: Into<atlas_core::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        let error = error.into();
        let problem = describe(&error);
        let cause = problem.status().is_server_error().then(|| error.into());
        Self(Box::new(Inner { problem, cause }))
    }
}

/// What a client may know about a domain error: its code always, its message unless the server is to blame.
fn describe(error: &atlas_core::Error) -> Problem {
    let kind = match error.kind() {
        // the request has said which version it depends on
        Kind::Conflict if error.code() == "stale" && is_conditional() => Kind::PreconditionFailed,
        kind => kind,
    };
    let problem = Problem::of_kind(slug(kind), error.code());
    let detail = match error.kind() {
        Kind::Unavailable => "the server cannot answer now",
        Kind::Timeout => "the answer was not ready in time",
        Kind::NotImplemented => "the server does not do this",
        _ if problem.status().is_server_error() => {
            "the server failed; quote the `request_id` when you report this"
        }
        _ => "",
    };
    let problem = match detail {
        "" => problem.detail(error.message().to_owned()),
        generic => problem.detail(generic),
    };
    let problem = problem.faults(error.violations().iter().map(|it| {
        let place = Place::Body(it.pointer().to_owned());
        Fault::new(place, it.code(), it.message().to_owned())
    }));
    match error.kind() {
        Kind::Unauthenticated => {
            problem.header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
        }
        Kind::RateLimited | Kind::Unavailable => {
            problem.header(header::RETRY_AFTER, HeaderValue::from_static("1"))
        }
        _ => problem,
    }
}

/// The kind of problem that a kind of domain error is.
fn slug(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "invalid",
        Kind::Malformed => "malformed",
        Kind::Unauthenticated => "unauthenticated",
        Kind::Forbidden => "forbidden",
        Kind::NotFound => "not_found",
        Kind::AlreadyExists => "already_exists",
        Kind::Conflict => "conflict",
        Kind::PreconditionFailed => "precondition_failed",
        Kind::RateLimited => "rate_limited",
        Kind::TooLarge => "too_large",
        Kind::Timeout => "timeout",
        Kind::Unavailable => "unavailable",
        Kind::NotImplemented => "not_implemented",
        _ => "internal",
    }
}

/// Sends the problem; a failure of the server is logged here, once, with its causes.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let Inner { problem, cause } = *self.0;
        if let Some(cause) = cause {
            tracing::error!(
                target: "atlas::http",
                code = problem.code(),
                error = %Chain(&*cause),
                "the handler failed"
            );
        }
        problem.into_response()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("problem", &self.0.problem)
            .field("cause", &self.0.cause)
            .finish()
    }
}

/// An error and its causes on one line.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
