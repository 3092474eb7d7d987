//! One process at a time changes the schema.
//!
//! The lock belongs to something that ends with its process: a connection to the server, or an open file beside a database
//! of SQLite. Nobody has to clean up behind a process that was killed. Waiting is asking again: a session of PostgreSQL
//! that waits inside a statement would keep `CREATE INDEX CONCURRENTLY` of the holder from ever ending.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Seek, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use atlas_core::Diagnostic;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, RuntimeErr, Statement};
use tokio::time::{sleep, timeout};

use crate::{Db, Error, diagnostics, driver::Borrowed, transaction::Begin};

/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_millis(50);

/// The key of the advisory lock of PostgreSQL; those of other databases on the server are others.
const KEY: i64 = 0x0061_746C_6173_6D69;

/// The right to migrate; it ends with the value.
pub(super) enum Lock {
    /// Nobody else can come to a database in memory.
    Alone,
    /// An open file that is locked, and where it lies.
    File(File, PathBuf),
    /// A connection that holds a lock of the server.
    Connection(Session),
}

/// A connection for the lock alone.
pub(super) struct Session {
    backend: DbBackend,
    connection: Box<Borrowed>,
    /// How long the server may be silent. Nothing else bounds it: no statement of whoever migrates has a timeout.
    patience: Duration,
}

impl Lock {
    /// Waits for the lock.
    ///
    /// # Errors
    ///
    /// A213 when it takes longer than `patience`, A206 when the database cannot be used.
    pub(super) async fn take(db: &Db, patience: Duration) -> Result<Self, Diagnostic> {
        let since = Instant::now();
        let failed = |error: Error| diagnostics::unreachable(db, error);
        let mut lock = match db.get_database_backend() {
            DbBackend::Sqlite => match lock_file(db) {
                None => return Ok(Self::Alone),
                Some(path) => Self::File(
                    open(&path).map_err(|error| failed(broken(&path, &error)))?,
                    path,
                ),
            },
            backend => {
                let connection =
                    db.0.engine
                        .borrow(&Begin::default())
                        .await
                        .map_err(Error::from);
                let mut session = Session {
                    backend,
                    connection: Box::new(connection.map_err(failed)?),
                    patience: db.0.config.connect_timeout.get(),
                };
                session.stay().await.map_err(failed)?;
                Self::Connection(session)
            }
        };
        loop {
            if lock.try_take().await.map_err(failed)? {
                return Ok(lock);
            }
            if since.elapsed() >= patience {
                let holder = lock.holder().await.unwrap_or_default();
                return Err(diagnostics::locked(db, patience, holder.as_deref()));
            }
            sleep(PAUSE.min(patience)).await;
        }
    }

    async fn try_take(&mut self) -> Result<bool, Error> {
        match self {
            Self::Alone => Ok(true),
            Self::File(file, path) => {
                let taken = try_take_file(file, path);
                taken.map_err(|error| broken(path, &error))
            }
            Self::Connection(session) => {
                let sql = match session.backend {
                    DbBackend::Postgres => format!("SELECT pg_try_advisory_lock({KEY})"),
                    _ => format!("SELECT GET_LOCK({}, 0) = 1", mysql_name()),
                };
                let row = session.ask(sql).await?;
                Ok(row.is_some_and(|row| says_yes(&row)))
            }
        }
    }

    /// Says whether the lock is held still: a server that restarted has forgotten it.
    pub(super) async fn is_held(&mut self) -> Result<bool, Error> {
        match self {
            Self::Alone | Self::File(..) => Ok(true),
            Self::Connection(session) => {
                let sql = match session.backend {
                    DbBackend::Postgres => format!(
                        "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND granted \
                         AND pid = pg_backend_pid() AND ((classid::bigint << 32) | objid::bigint) = {KEY}"
                    ),
                    _ => format!("SELECT IS_USED_LOCK({}) = CONNECTION_ID()", mysql_name()),
                };
                let row = session.ask(sql).await?;
                Ok(row.is_some_and(|row| says_yes(&row)))
            }
        }
    }

    /// Gives the lock back. One that cannot be given back ends with its connection.
    pub(super) async fn release(self) {
        match self {
            Self::Alone => {}
            Self::File(file, path) => {
                // who waits for it looks whether the file it has locked still lies there
                let removed = fs::remove_file(&path);
                drop(file);
                if let Err(error) = removed {
                    tracing::debug!(target: "atlas::db", %error, "the lock file of a migration stays");
                }
            }
            Self::Connection(mut session) => {
                let sql = match session.backend {
                    DbBackend::Postgres => format!("SELECT pg_advisory_unlock({KEY})"),
                    _ => format!("SELECT RELEASE_LOCK({})", mysql_name()),
                };
                if let Err(error) = session.ask(sql).await {
                    tracing::debug!(target: "atlas::db", %error, "the lock of a migration ends with its connection");
                }
            }
        }
    }

    /// Who has it, as far as that can be known.
    async fn holder(&mut self) -> Result<Option<String>, Error> {
        match self {
            Self::Alone => Ok(None),
            Self::File(_, path) => {
                let text = fs::read_to_string(path).unwrap_or_default();
                Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
            }
            Self::Connection(session) => {
                let sql = match session.backend {
                    DbBackend::Postgres => format!(
                        "SELECT concat('connection ', a.pid, ' of `', a.usename, '`', \
                         ' from ' || coalesce(host(a.client_addr), 'this machine'), \
                         ', open since ' || to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC') \
                         FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
                         WHERE l.locktype = 'advisory' AND l.granted \
                         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                         AND ((l.classid::bigint << 32) | l.objid::bigint) = {KEY} LIMIT 1"
                    ),
                    _ => format!(
                        "SELECT CONCAT('connection ', p.id, ' of `', p.user, '` from ', p.host) \
                         FROM information_schema.processlist p WHERE p.id = IS_USED_LOCK({}) LIMIT 1",
                        mysql_name()
                    ),
                };
                let row = session.ask(sql).await?;
                Ok(row.and_then(|row| row.try_get_by_index(0).ok()))
            }
        }
    }
}

/// Locks of MySQL and MariaDB count on the whole server and have names of at most 64 characters. MySQL 9 has no `MD5`.
fn mysql_name() -> &'static str {
    "CONCAT('atlas_migrations_', LEFT(SHA2(DATABASE(), 256), 32))"
}

impl Session {
    /// Asks the server to bear with a connection that rests: a migration may take hours.
    async fn stay(&mut self) -> Result<(), Error> {
        let sql = match self.backend {
            DbBackend::Postgres => "SET idle_session_timeout = 0",
            _ => "SET SESSION wait_timeout = GREATEST(@@SESSION.wait_timeout, 28800)",
        };
        match self.ask(sql.to_owned()).await {
            Err(error) if !error.is_transient() => {
                tracing::debug!(target: "atlas::db", %error, "the server may end the connection that holds the lock of a migration");
                Ok(())
            }
            outcome => outcome.map(drop),
        }
    }

    async fn ask(&mut self, sql: String) -> Result<Option<QueryResult>, Error> {
        let statement = Statement::from_string(self.backend, sql);
        let asked = self.connection.query_one(statement.into());
        answered(self.patience, async { Ok(asked.await?) }).await
    }
}

/// Waits for what a server says, and no longer than `patience`.
pub(super) async fn answered<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout(patience, answer).await.unwrap_or_else(|_| {
        let words = format!("the server is silent: it did not answer within {patience:?}");
        let silent = io::Error::new(io::ErrorKind::TimedOut, words);
        let error = RuntimeErr::SqlxError(sqlx::Error::Io(silent).into());
        Err(DbErr::Query(error).into())
    })
}

/// PostgreSQL answers with a boolean, MySQL with a number, or null when something went wrong.
fn says_yes(row: &QueryResult) -> bool {
    row.try_get_by_index::<bool>(0)
        .or_else(|_| row.try_get_by_index::<i64>(0).map(|it| it == 1))
        .or_else(|_| row.try_get_by_index::<i32>(0).map(|it| it == 1))
        .unwrap_or(false)
}

fn lock_file(db: &Db) -> Option<PathBuf> {
    db.0.engine.file().map(|file| {
        let mut path = file.into_os_string();
        path.push("-migrate");
        PathBuf::from(path)
    })
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// Locks the file, if nobody else has, and writes down who did.
fn try_take_file(file: &mut File, path: &Path) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    if !lies_there(file, path)? {
        // the one who had it has removed it; others may have locked its successor
        *file = open(path)?;
        return Ok(false);
    }
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "process {}", std::process::id())?;
    Ok(true)
}

#[cfg(unix)]
fn lies_there(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// A file that is open cannot be removed here, so it lies where it was.
#[cfg(not(unix))]
fn lies_there(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

fn broken(path: &Path, error: &io::Error) -> Error {
    let words = format!("cannot lock `{}`: {error}", path.display());
    Error::from(DbErr::Conn(RuntimeErr::Internal(words)))
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use super::answered;

    #[tokio::test]
    async fn a_server_that_is_silent_is_not_waited_for() {
        let error = answered::<()>(Duration::from_millis(1), pending())
            .await
            .unwrap_err();
        assert!(error.is_transient() && error.is_connection_lost());
        assert!(
            error.to_string().contains("the server is silent"),
            "{error}"
        );
    }
}
