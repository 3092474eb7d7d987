//! Why a statement failed, in terms a use case can act on.

use std::fmt;

use atlas_core::Kind;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

use crate::{symptom::Symptom, transaction::Fault, words};

/// The result of database work.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failed statement.
///
/// `?` makes one from SeaORM's [`DbErr`] inside a repository, and a domain error of the right
/// [kind](atlas_core::Kind) from this one outside of it.
///
/// Its words, and those of its causes, hold no value that an engine has repeated, such as the key that was there already:
/// they may be written to a log. [`into_inner`](Self::into_inner) has what the engine said.
#[derive(Clone, Debug)]
pub struct Error(Cause);

#[derive(Clone, Debug)]
enum Cause {
    /// The database, or the way to it.
    Orm(DbErr),
    /// The position in a list that the client named.
    Position(String),
    /// A filter that the client asked for.
    Filter(String),
    /// A row of this table was changed by somebody else since it was read.
    Stale(String),
}

impl Error {
    /// A position in a list that does not fit its columns.
    pub(crate) fn malformed(words: String) -> Self {
        Self(Cause::Position(words))
    }

    /// An operator or operand of a filter that does not fit its column.
    pub(crate) fn filter(words: String) -> Self {
        Self(Cause::Filter(words))
    }

    /// A row that somebody else has changed since the caller read it.
    pub(crate) fn stale(table: &str) -> Self {
        Self(Cause::Stale(format!(
            "the row of `{table}` has another version than the one that was read"
        )))
    }

    /// A row with this key exists already.
    pub fn is_duplicate(&self) -> bool {
        self.symptom() == Symptom::Duplicate
    }

    /// A row refers to one that does not exist, or is referred to by one that does.
    pub fn is_reference(&self) -> bool {
        self.symptom() == Symptom::Reference
    }

    /// A row that had to exist does not.
    pub fn is_missing(&self) -> bool {
        matches!(
            self.0,
            Cause::Orm(DbErr::RecordNotFound(_) | DbErr::RecordNotUpdated)
        )
    }

    /// The position given to [`seek`](crate::seek) does not fit the columns: the client's cursor is forged or outdated.
    pub fn is_malformed(&self) -> bool {
        matches!(self.0, Cause::Position(_) | Cause::Filter(_))
    }

    /// Somebody else has changed the row since the caller read it: its [version](crate::Record::version) is another one.
    /// Read it again, and decide anew.
    pub fn is_stale(&self) -> bool {
        matches!(self.0, Cause::Stale(_))
    }

    /// The same statement may succeed a little later: no connection was free, the database could not be reached or did
    /// not answer, somebody else held a lock for too long, or transactions got in each other's way.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.0,
            Cause::Orm(DbErr::ConnectionAcquire(_) | DbErr::Conn(_))
        ) || matches!(
            self.symptom(),
            Symptom::Locked | Symptom::Conflict | Symptom::Busy | Symptom::Gone | Symptom::Silent
        )
    }

    /// Transactions got in each other's way: a deadlock, or changes that no order one after the other explains. The whole
    /// transaction was undone, and may succeed when it is run again from its beginning.
    pub fn is_serialization(&self) -> bool {
        self.symptom() == Symptom::Conflict
    }

    /// The connection broke while `COMMIT` was on its way, so that nobody knows whether the transaction was committed.
    /// Nothing is tried again: read back what it was to write before doing it a second time.
    pub fn is_commit_unknown(&self) -> bool {
        matches!(self.fault(), Some(Fault::CommitUnknown(_)))
    }

    /// A transaction was used as none can be: two nested ones side by side, a statement of the outer one while a nested one
    /// is open, anything after its end or after a statement of it was dropped half-way, `COMMIT` as a statement.
    pub fn is_misuse(&self) -> bool {
        matches!(
            self.fault(),
            Some(Fault::Busy | Fault::Ended | Fault::Interrupted | Fault::Control(_))
        )
    }

    /// The connection broke, or no answer came in time: whether the statement took effect is unknown.
    pub fn is_connection_lost(&self) -> bool {
        self.symptom().is_loss()
    }

    /// The server ended the statement because it ran for longer than `database.statement_timeout`.
    pub fn is_overdue(&self) -> bool {
        self.symptom() == Symptom::Overdue
    }

    /// A value is longer, or larger, than its column allows.
    pub fn is_too_long(&self) -> bool {
        self.symptom() == Symptom::TooLong
    }

    /// A value holds what the type of its column cannot: PostgreSQL has no character U+0000, MySQL's timestamps end in 2038.
    pub fn is_unstorable(&self) -> bool {
        self.symptom() == Symptom::Unstorable
    }

    /// The database, the connection or the transaction may only be read.
    pub fn is_read_only(&self) -> bool {
        self.symptom() == Symptom::ReadOnly
    }

    /// There is no room left where the database is.
    pub fn is_full(&self) -> bool {
        self.symptom() == Symptom::Full
    }

    /// The engine cannot do what was asked for, such as, on MySQL and MariaDB, to define something inside of a transaction:
    /// they would commit it.
    pub fn is_unsupported(&self) -> bool {
        self.symptom() == Symptom::Unsupported || matches!(self.fault(), Some(Fault::Definition(_)))
    }

    /// SeaORM's own error.
    pub fn into_inner(self) -> DbErr {
        match self.0 {
            Cause::Orm(error) => error,
            Cause::Position(words) | Cause::Filter(words) => DbErr::Type(words),
            Cause::Stale(words) => DbErr::Custom(words),
        }
    }

    /// What the engine's own code says about the cause.
    pub(crate) fn symptom(&self) -> Symptom {
        match &self.0 {
            Cause::Orm(error) => Symptom::of(error),
            Cause::Position(_) | Cause::Filter(_) | Cause::Stale(_) => Symptom::Other,
        }
    }

    fn fault(&self) -> Option<&Fault> {
        match &self.0 {
            Cause::Orm(error) => Fault::of(error),
            Cause::Position(_) | Cause::Filter(_) | Cause::Stale(_) => None,
        }
    }

    fn kind(&self) -> (Kind, &'static str, &'static str) {
        if self.is_duplicate() {
            (Kind::AlreadyExists, "already_exists", "it exists already")
        } else if self.is_reference() {
            (
                Kind::Conflict,
                "reference_violation",
                "it refers to, or is referred to by, something else",
            )
        } else if self.is_stale() {
            (
                Kind::Conflict,
                "stale",
                "it was changed by somebody else since it was read",
            )
        } else if self.is_missing() {
            (Kind::NotFound, "not_found", "it does not exist")
        } else if self.is_transient() {
            (
                Kind::Unavailable,
                "database_unavailable",
                "the database is not available right now",
            )
        } else if self.is_too_long() {
            (
                Kind::Invalid,
                "value_too_long",
                "a value is longer or larger than what can be stored",
            )
        } else if self.is_unstorable() {
            (
                Kind::Invalid,
                "value_not_storable",
                "a value holds what cannot be stored, such as the character U+0000 or a date out of range",
            )
        } else if self.is_overdue() {
            (
                Kind::Timeout,
                "database_timeout",
                "the database took too long",
            )
        } else if self.is_full() {
            (
                Kind::Unavailable,
                "database_full",
                "the database has no room for more",
            )
        } else if self.is_commit_unknown() {
            (
                Kind::Internal,
                "commit_unknown",
                "whether it was done is unknown",
            )
        } else if matches!(self.0, Cause::Filter(_)) {
            (
                Kind::Malformed,
                "invalid_filter",
                "the filter does not fit this list",
            )
        } else if self.is_malformed() {
            (
                Kind::Malformed,
                "invalid_cursor",
                "the cursor does not fit this list; begin at its first page",
            )
        } else {
            (
                Kind::Internal,
                "database",
                "the database refused a statement",
            )
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = match &self.0 {
            Cause::Orm(error) => error,
            Cause::Position(words) | Cause::Filter(words) | Cause::Stale(words) => {
                return f.write_str(words);
            }
        };
        if let Some(fault) = Fault::of(error) {
            return fault.fmt(f);
        }
        match error {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => f.write_str(
                "no database connection became free in time: raise `database.max_connections` or \
                 `database.acquire_timeout`, or shorten transactions",
            ),
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => {
                f.write_str("the database handle is closed")
            }
            DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error))
            | DbErr::Conn(RuntimeErr::SqlxError(error)) => match words::of(error) {
                Some(words) => f.write_str(&words),
                None => match &**error {
                    sqlx::Error::Io(error) => error.fmt(f),
                    sqlx::Error::Configuration(reason) | sqlx::Error::Tls(reason) => reason.fmt(f),
                    error => error.fmt(f),
                },
            },
            DbErr::Exec(RuntimeErr::Internal(words))
            | DbErr::Query(RuntimeErr::Internal(words))
            | DbErr::Conn(RuntimeErr::Internal(words))
            | DbErr::Custom(words) => f.write_str(words),
            other => other.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            // what is said about a cause is written to logs
            Cause::Orm(error) if words::may_hold_values(error) => None,
            Cause::Orm(error) => Some(error),
            Cause::Position(_) | Cause::Filter(_) | Cause::Stale(_) => None,
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self(Cause::Orm(error))
    }
}

impl From<Error> for DbErr {
    fn from(error: Error) -> Self {
        error.into_inner()
    }
}

impl From<Error> for atlas_core::Error {
    fn from(error: Error) -> Self {
        let (kind, code, message) = error.kind();
        Self::new(kind, code, message).source(error)
    }
}
