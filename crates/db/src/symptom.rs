//! What the code of an engine says about a failure, in words that all engines share.

use sea_orm::{DbErr, RuntimeErr};

/// The causes that call for different advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symptom {
    /// Somebody else holds a lock.
    Locked,
    /// It may only be read.
    ReadOnly,
    /// It is not what it should be.
    Damaged,
    /// There is no room for more.
    Full,
    /// It cannot be opened.
    Closed,
    /// The connection broke.
    Gone,
    /// None of these.
    Other,
}

impl Symptom {
    /// Reads the cause of a failed statement or connection.
    pub(crate) fn of(error: &DbErr) -> Self {
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => Self::of_driver(error),
            _ => Self::Other,
        }
    }

    /// Reads the cause of a driver's error.
    pub(crate) fn of_driver(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => Self::Gone,
            sqlx::Error::Database(error) => error
                .try_downcast_ref::<sqlx::sqlite::SqliteError>()
                .and_then(|_| error.code())
                .and_then(|code| code.parse().ok())
                .map_or(Self::Other, Self::of_sqlite),
            _ => Self::Other,
        }
    }

    /// Reads a result code of SQLite; its low byte is the primary one (<https://www.sqlite.org/rescode.html>).
    fn of_sqlite(code: u32) -> Self {
        match code & 0xff {
            5 | 6 => Self::Locked,
            8 => Self::ReadOnly,
            11 | 26 => Self::Damaged,
            13 => Self::Full,
            14 => Self::Closed,
            _ => Self::Other,
        }
    }
}
