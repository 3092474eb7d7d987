//! Why a command failed, in terms a caller can act on.

use std::time::Duration;

use atlas_core::Kind;
use redis::{ErrorKind, RedisError, ServerErrorKind};

/// A failed command.
///
/// Its words hold no password, no key and no value of the command: they may be written to a log.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no connection, and the command was not sent. Another attempt is made by a later command.
    #[error("Redis at {place} cannot be reached: {reason}")]
    Unreachable {
        /// Host and port.
        place: String,
        /// What the last attempt to connect said.
        reason: String,
    },
    /// The connection broke while the command was on its way: whether it was executed is unknown.
    #[error("the connection to Redis at {place} was lost before it answered")]
    Lost {
        /// Host and port.
        place: String,
    },
    /// No answer came in time: whether the command was or will be executed is unknown.
    #[error("Redis at {place} has not answered within {limit:?}")]
    Timeout {
        /// Host and port.
        place: String,
        /// The configured `redis.response_timeout`.
        limit: Duration,
    },
    /// The server said no.
    #[error("Redis refuses: {code} {message}")]
    Refused {
        /// Its word for the reason: `ERR`, `WRONGTYPE`, `NOPERM`, `OOM`.
        code: String,
        /// Its explanation.
        message: String,
    },
    /// The answer is not of the type that was asked for.
    #[error("the answer of Redis, {found}, is no `{wanted}`")]
    Type {
        /// The type that was asked for.
        wanted: &'static str,
        /// What came instead, without its contents.
        found: &'static str,
    },
    /// The handle was closed, because the service stops.
    #[error("the handle of Redis is closed")]
    Closed,
}

impl Error {
    /// The same command may succeed a little later: Redis cannot be reached, does not answer, is starting, or its cluster
    /// is changing.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Lost { .. } | Self::Timeout { .. } => true,
            Self::Refused { code, .. } => matches!(
                code.as_str(),
                "LOADING"
                    | "BUSY"
                    | "TRYAGAIN"
                    | "CLUSTERDOWN"
                    | "MASTERDOWN"
                    | "READONLY"
                    | "MOVED"
                    | "ASK"
            ),
            Self::Type { .. } | Self::Closed => false,
        }
    }

    /// Nobody knows whether the command was executed. Do it again only if doing it twice does no harm.
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::Lost { .. } | Self::Timeout { .. })
    }

    /// The server's word for the reason, when it refused: `WRONGTYPE`.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// What happened to a command that was sent to `place`.
    pub(crate) fn of(error: &RedisError, place: &str) -> Self {
        match error.kind() {
            ErrorKind::Server(_) | ErrorKind::Extension => Self::refused(error),
            _ => Self::Lost {
                place: place.to_owned(),
            },
        }
    }

    /// What happened to an attempt to connect to `place`.
    pub(crate) fn unreachable(error: &RedisError, place: &str) -> Self {
        Self::Unreachable {
            place: place.to_owned(),
            reason: reason(error),
        }
    }

    fn refused(error: &RedisError) -> Self {
        // of several in a pipeline, the first
        let first = error.clone().into_server_errors();
        let first = first.as_ref().and_then(|all| all.first());
        let (code, details) = match first {
            Some((_, error)) => (error.code().to_owned(), error.details()),
            None => (error.code().unwrap_or("ERR").to_owned(), error.detail()),
        };
        Self::Refused {
            code,
            message: without_arguments(details.unwrap_or("no reason is given")),
        }
    }

    fn kind(&self) -> (Kind, &'static str, &'static str) {
        match self {
            Self::Timeout { .. } => (
                Kind::Unavailable,
                "redis_timeout",
                "Redis has not answered in time",
            ),
            error if error.is_transient() => (
                Kind::Unavailable,
                "redis_unavailable",
                "Redis cannot be reached",
            ),
            _ => (Kind::Internal, "redis", "Redis refused a command"),
        }
    }
}

impl From<Error> for atlas_core::Error {
    fn from(error: Error) -> Self {
        let (kind, code, message) = error.kind();
        Self::new(kind, code, message).source(error)
    }
}

/// Why no connection could be had, in words that fit behind a colon.
fn reason(error: &RedisError) -> String {
    match error.kind() {
        ErrorKind::AuthenticationFailed => "it does not accept user and password".to_owned(),
        ErrorKind::Server(ServerErrorKind::BusyLoading) => {
            "it is still loading its data".to_owned()
        }
        ErrorKind::Server(_) | ErrorKind::Extension => match Error::refused(error) {
            Error::Refused { code, .. } if code == "WRONGPASS" || code == "NOAUTH" => {
                "it does not accept user and password".to_owned()
            }
            Error::Refused { code, message } => format!("{code} {message}"),
            other => other.to_string(),
        },
        _ => error.to_string(),
    }
}

/// A message of the server without what it repeats of the command.
fn without_arguments(message: &str) -> String {
    let end = message
        .find(", with args beginning with")
        .unwrap_or(message.len());
    message[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Error, without_arguments};

    #[test]
    fn what_the_server_repeats_of_a_command_is_not_in_the_words() {
        let said = "unknown command 'SETT', with args beginning with: 'token' 's3cret' ";
        assert_eq!(without_arguments(said), "unknown command 'SETT'");
    }

    #[test]
    fn an_unknown_outcome_is_told_from_a_command_that_was_never_sent() {
        let place = "127.0.0.1:6379".to_owned();
        let lost = Error::Lost {
            place: place.clone(),
        };
        let unreachable = Error::Unreachable {
            place,
            reason: "refused".to_owned(),
        };
        assert!(lost.is_outcome_unknown() && lost.is_transient());
        assert!(!unreachable.is_outcome_unknown() && unreachable.is_transient());
        assert!(!Error::Closed.is_transient());
    }
}
