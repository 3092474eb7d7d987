//! How a connection to a SQLite file is opened.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use sea_orm::{DbErr, RuntimeErr};
use sqlx::{
    ConnectOptions, Connection, SqlStr, Sqlite, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::time::sleep;

use super::{Target, limit::inlined, transaction as text};
use crate::{
    config::Durability,
    driver::{Bounds, Driver, statements::statement_methods},
    pool::Connect,
    statement::Prepared,
    symptom::Symptom,
    transaction::Begin,
};

/// Pause between attempts to switch a file to the write-ahead log while another process does the same: SQLite does not
/// apply its busy timeout to that switch.
const RETRY: Duration = Duration::from_millis(10);

/// Opens connections of one role.
pub(crate) struct Connector {
    options: SqliteConnectOptions,
    /// The folder to create first.
    folder: Option<PathBuf>,
    /// Transactions cannot write.
    read_only: bool,
}

impl Connector {
    /// The connection that creates the file and writes.
    pub(super) fn writer(target: &Target, bounds: &Bounds) -> Self {
        let mut options = common(target, bounds).thread_name(|_| "sqlite-writer".into());
        if !target.in_memory && !target.read_only {
            options = options
                .journal_mode(SqliteJournalMode::Wal)
                // a burst of writes does not leave a huge log behind
                .pragma("journal_size_limit", "67108864")
                .optimize_on_close(true, 400);
        }
        let folder = target
            .create
            .then(|| target.file().parent().map(PathBuf::from))
            .flatten();
        Self {
            options,
            folder: folder.filter(|folder| !folder.as_os_str().is_empty()),
            read_only: target.read_only,
        }
    }

    /// A connection that only reads, from a file that the writer has opened.
    pub(super) fn reader(target: &Target, bounds: &Bounds) -> Self {
        let options = common(target, bounds)
            .create_if_missing(false)
            .pragma("query_only", "ON")
            .thread_name(|id| format!("sqlite-read-{id}"));
        Self {
            options,
            folder: None,
            read_only: true,
        }
    }
}

/// What every connection has: enforced foreign keys, the lock timeout, commits as durable as configured, and no functions
/// run from a hostile schema.
fn common(target: &Target, bounds: &Bounds) -> SqliteConnectOptions {
    target
        .options
        .clone()
        .foreign_keys(true)
        .busy_timeout(bounds.lock_timeout)
        .synchronous(match bounds.durability {
            Durability::Full => SqliteSynchronous::Full,
            Durability::Relaxed => SqliteSynchronous::Normal,
            Durability::None => SqliteSynchronous::Off,
        })
        .statement_cache_capacity(bounds.statement_cache)
        .pragma("trusted_schema", "OFF")
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

impl Connect for Connector {
    type Connection = SqliteConnection;

    async fn connect(&self) -> Result<SqliteConnection, DbErr> {
        if let Some(folder) = &self.folder {
            fs::create_dir_all(folder).map_err(|error| {
                DbErr::Conn(RuntimeErr::Internal(format!(
                    "cannot create `{}`: {error}",
                    folder.display()
                )))
            })?;
        }
        loop {
            match self.options.connect().await {
                Ok(connection) => return Ok(connection),
                // the pool's connect timeout ends this
                Err(error) if Symptom::of_driver(&error) == Symptom::Locked => sleep(RETRY).await,
                Err(error) => return Err(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))),
            }
        }
    }

    async fn recover(connection: &mut SqliteConnection) -> bool {
        // the thread of the connection answers when it is done with everything before
        connection.ping().await.is_ok()
    }

    async fn close(connection: SqliteConnection) {
        if let Err(error) = connection.close().await {
            tracing::warn!(target: "atlas::db", %error, "a connection did not close cleanly");
        }
    }
}

impl Driver for Connector {
    type Database = Sqlite;

    const HAS_TABLE: &'static str = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?";

    fn begin(&self, begin: &Begin) -> SqlStr {
        SqlStr::from_static(if self.read_only {
            text::BEGIN_READ_ONLY
        } else if begin.read_only {
            text::BEGIN_READ_ONLY_FOR_NOW
        } else {
            text::BEGIN
        })
    }

    fn lift(&self, begin: &Begin) -> Option<&'static str> {
        (begin.read_only && !self.read_only).then_some(text::LIFT)
    }

    fn prepare(statement: Prepared) -> Prepared {
        inlined(statement)
    }

    statement_methods!(Sqlite);
}
