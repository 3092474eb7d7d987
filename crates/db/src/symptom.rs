//! What the code of an engine says about a failure, in words that all engines share.

use std::io;

use sea_orm::{DbErr, RuntimeErr};

/// The causes that call for different advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symptom {
    /// A row with this key is there already.
    Duplicate,
    /// A row refers to one that is not there, or is referred to.
    Reference,
    /// A value is longer, or larger, than its column allows.
    TooLong,
    /// A value holds what its type cannot, such as the character U+0000 or a day of the year 10000.
    Unstorable,
    /// Transactions got in each other's way, and this one was chosen to fail.
    Conflict,
    /// Somebody else holds a lock.
    Locked,
    /// It ran for too long, and the server ended it.
    Overdue,
    /// It may only be read.
    ReadOnly,
    /// It is not what it should be.
    Damaged,
    /// There is no room for more.
    Full,
    /// It cannot be opened.
    Closed,
    /// Nothing listens there, or no way leads there.
    Refused,
    /// The server does not let this user in.
    Denied,
    /// The server has no such database.
    NoDatabase,
    /// The server has a database of this name already.
    Exists,
    /// Others use it.
    InUse,
    /// The two did not agree on encryption.
    Tls,
    /// The server has no room for one more connection, or starts, or stops.
    Busy,
    /// The server is older than what is supported.
    Outdated,
    /// The engine cannot do this.
    Unsupported,
    /// The connection broke.
    Gone,
    /// The server did not answer in time; whether it is alive is unknown.
    Silent,
    /// The engine broke off what it did, and may have undone what preceded it.
    Broken,
    /// None of these.
    Other,
}

/// What is said about a server that is too old.
#[derive(Debug, thiserror::Error)]
#[error("the server is {found}, and the oldest supported one is {oldest}")]
struct Outdated {
    found: String,
    oldest: &'static str,
}

/// A server that is too old, as a driver's error.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn outdated(found: String, oldest: &'static str) -> sqlx::Error {
    sqlx::Error::Configuration(Box::new(Outdated { found, oldest }))
}

impl Symptom {
    /// Reads the cause of a failed statement or connection.
    pub(crate) fn of(error: &DbErr) -> Self {
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => Self::of_driver(error),
            DbErr::BackendNotSupported { .. } => Self::Unsupported,
            _ => Self::Other,
        }
    }

    /// Reads the cause of a driver's error.
    pub(crate) fn of_driver(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(error) => Self::of_io(error.kind()),
            sqlx::Error::Tls(_) => Self::Tls,
            sqlx::Error::Encode(_) => Self::Unstorable,
            sqlx::Error::Configuration(error) if error.is::<Outdated>() => Self::Outdated,
            // what came was no answer to what was asked: nobody knows what comes next
            sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => Self::Gone,
            sqlx::Error::Database(error) => {
                let error = &**error;
                #[cfg(feature = "sqlite")]
                if error
                    .try_downcast_ref::<sqlx::sqlite::SqliteError>()
                    .is_some()
                {
                    return crate::sqlite::symptom(error.code().as_deref());
                }
                #[cfg(feature = "postgres")]
                if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                    return crate::postgres::symptom(error.code());
                }
                #[cfg(feature = "mysql")]
                if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
                    return crate::mysql::symptom(error.number());
                }
                Self::Other
            }
            _ => Self::Other,
        }
    }

    fn of_io(kind: io::ErrorKind) -> Self {
        match kind {
            io::ErrorKind::TimedOut => Self::Silent,
            // what the other side sent in a handshake is not what it should be
            io::ErrorKind::InvalidData => Self::Tls,
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::AddrNotAvailable => Self::Refused,
            _ => Self::Gone,
        }
    }

    /// Says whether a server answered that it does not let this service in as it is configured.
    pub(crate) fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::Denied | Self::NoDatabase | Self::Tls | Self::Outdated
        )
    }

    /// Says whether the engine has undone the whole transaction, or may have: what runs on the connection next could be
    /// outside of it.
    pub(crate) fn ends_transaction(self) -> bool {
        self.is_loss()
            || matches!(
                self,
                Self::Conflict | Self::Full | Self::Damaged | Self::Broken
            )
    }

    /// Says whether the connection is of no use any more.
    pub(crate) fn is_loss(self) -> bool {
        matches!(self, Self::Gone | Self::Silent | Self::Tls)
    }
}
