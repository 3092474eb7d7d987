//! What a failure of the database means for jobs.

use atlas_db::sea_orm::{DbErr, RuntimeErr};

use crate::Error;

/// The tables of jobs are not there, or are not those of this version.
#[derive(Debug, thiserror::Error)]
#[error("the tables of jobs are missing or older than this build: run the command `migrate up`")]
struct MissingTables(#[source] atlas_db::Error);

impl From<atlas_db::Error> for Error {
    fn from(error: atlas_db::Error) -> Self {
        if error.is_transient()
            || error.is_overdue()
            || error.is_connection_lost()
            || error.is_commit_unknown()
            || is_closed(&error)
        {
            Self::Unavailable(Box::new(error))
        } else if is_missing(&error) {
            Self::Refused(Box::new(MissingTables(error)))
        } else {
            Self::Refused(Box::new(error))
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        atlas_db::Error::from(error).into()
    }
}

/// Says whether the handle was closed: the service stops.
fn is_closed(error: &atlas_db::Error) -> bool {
    matches!(error.clone().into_inner(), DbErr::ConnectionAcquire(_))
}

/// Says whether a table or a column does not exist.
fn is_missing(error: &atlas_db::Error) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error.clone().into_inner()
    else {
        return false;
    };
    let Some(error) = error.as_database_error() else {
        return false;
    };
    let words = error.message();
    // PostgreSQL and the MySQLs have codes for it, SQLite has words
    match error.code().as_deref() {
        Some("42P01" | "42703" | "42S02" | "42S22") => true,
        _ => words.starts_with("no such table") || words.starts_with("no such column"),
    }
}
