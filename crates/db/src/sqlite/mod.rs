//! SQLite: one connection that writes, several that read.
//!
//! SQLite lets one connection write at a time, in the whole machine. Inside a process the writers queue for *the*
//! writing connection, in order of arrival and without polling the file; against other processes the busy timeout
//! helps. Readers never wait for the writer (write-ahead log) and are opened `query_only`, so a statement that writes
//! cannot slip past the queue. A database in memory has one connection for everything, because it lives in it.

mod connect;
mod limit;
mod target;
mod transaction;
mod usage;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult, Statement};

pub(crate) use self::connect::Connector;
pub(crate) use self::target::Target;
pub(crate) use self::usage::is_in_use;
use crate::{
    driver::PoolState,
    driver::{
        Bounds, Driver,
        statements::{check, execute, execute_unprepared, query_all, query_one, stream},
    },
    pool::{Lease, Limits, Pool},
    rows::Queue,
    statement::{Operation, Prepared},
    symptom::Symptom,
};

/// The pools for a URL; nothing is opened yet.
///
/// # Errors
///
/// What is wrong with the URL, in words that do not repeat it.
pub(crate) fn open(url: &str, bounds: &Bounds) -> Result<Sqlite, String> {
    Ok(Sqlite::new(Target::parse(url)?, bounds))
}

/// The pools of one SQLite database.
pub(crate) struct Sqlite {
    writer: Pool<Connector>,
    /// `None` when the writer reads too.
    readers: Option<Pool<Connector>>,
    /// Set once the writer has opened (and if need be created) the file.
    opened: AtomicBool,
    target: Target,
}

impl Sqlite {
    /// The pools for a database; nothing is opened yet.
    pub(crate) fn new(target: Target, bounds: &Bounds) -> Self {
        // a file has no peer that could be dead: whatever a connection does comes to an end
        let limits = Limits {
            statement_timeout: None,
            ping_after: None,
            recover_timeout: None,
            ..bounds.limits
        };
        let forever = Limits {
            connections: 1,
            idle_timeout: None,
            max_lifetime: None,
            ..limits
        };
        let writer = Pool::new(Connector::writer(&target, bounds), forever);
        let readers =
            (!target.in_memory).then(|| Pool::new(Connector::reader(&target, bounds), limits));
        Self {
            writer,
            readers,
            opened: AtomicBool::new(false),
            target,
        }
    }

    /// The file, for words.
    pub(crate) fn place(&self) -> String {
        self.target.place()
    }

    /// The file; none when it is in memory.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        (!self.target.in_memory).then(|| self.target.file())
    }

    /// The state of each pool.
    pub(crate) fn pools(&self) -> Vec<PoolState<'_>> {
        let writer = if self.readers.is_some() {
            "writer"
        } else {
            "all"
        };
        let readers = self.readers.as_ref();
        std::iter::once(PoolState::of(writer, &self.writer))
            .chain(readers.map(|readers| PoolState::of("readers", readers)))
            .collect()
    }

    /// Runs a statement for its effect.
    pub(crate) async fn execute(&self, statement: Prepared) -> Result<ExecResult, DbErr> {
        let mut lease = self.acquire(statement.operation).await?;
        execute(&mut lease, statement).await
    }

    /// Runs SQL text as it is, several statements included.
    pub(crate) async fn execute_unprepared(&self, sql: Arc<String>) -> Result<ExecResult, DbErr> {
        let mut lease = self.acquire(Operation::Other).await?;
        execute_unprepared(&mut lease, sql).await
    }

    /// Runs a statement for its first row.
    pub(crate) async fn query_one(
        &self,
        statement: Prepared,
    ) -> Result<Option<QueryResult>, DbErr> {
        let mut lease = self.acquire(statement.operation).await?;
        query_one(&mut lease, statement).await
    }

    /// Runs a statement for all its rows.
    pub(crate) async fn query_all(&self, statement: Prepared) -> Result<Vec<QueryResult>, DbErr> {
        let mut lease = self.acquire(statement.operation).await?;
        query_all(&mut lease, statement).await
    }

    /// Runs a statement and passes its rows on one by one.
    pub(crate) async fn stream(&self, statement: Prepared, rows: &Queue) -> Result<(), DbErr> {
        stream(
            &mut self.acquire(statement.operation).await?,
            statement,
            rows,
        )
        .await
    }

    /// Lets the engine read a statement without running it.
    pub(crate) async fn check(&self, sql: Arc<String>) -> Result<(), DbErr> {
        check(&mut self.acquire(Operation::Select).await?, sql).await
    }

    /// Borrows a connection for a transaction: the writer, or a reader when there are any and nothing is to be written.
    pub(crate) async fn borrow(&self, read_only: bool) -> Result<Lease<Connector>, DbErr> {
        if read_only {
            self.acquire(Operation::Select).await
        } else {
            self.borrow_writer().await
        }
    }

    async fn borrow_writer(&self) -> Result<Lease<Connector>, DbErr> {
        let lease = self.writer.acquire().await?;
        self.opened.store(true, Ordering::Release);
        Ok(lease)
    }

    /// Says whether a table exists.
    pub(crate) async fn has_table(&self, name: &str) -> Result<bool, DbErr> {
        let statement =
            Statement::from_sql_and_values(DbBackend::Sqlite, Connector::HAS_TABLE, [name.into()]);
        self.query_one(statement.into())
            .await
            .map(|row| row.is_some())
    }

    /// Looks into the file: fails when it is unreadable or no database.
    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        let mut lease = self.acquire(Operation::Select).await?;
        let look = Arc::new("SELECT 1 FROM sqlite_schema LIMIT 1".to_owned());
        execute_unprepared(&mut lease, look).await.map(drop)
    }

    /// Says whether all connections that read are in use and take turns.
    pub(crate) fn is_turning(&self) -> bool {
        self.readers.as_ref().unwrap_or(&self.writer).is_turning()
    }

    /// Closes the readers, then the writer, which empties the write-ahead log into the file.
    pub(crate) async fn close(&self) {
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
        self.writer.close().await;
    }

    /// A connection fit for the operation.
    async fn acquire(&self, operation: Operation) -> Result<Lease<Connector>, DbErr> {
        match &self.readers {
            Some(readers) if operation == Operation::Select => {
                // the writer opens the file first: it creates it and switches it to the write-ahead log
                if !self.opened.load(Ordering::Acquire) {
                    drop(self.borrow_writer().await?);
                }
                readers.acquire().await
            }
            _ => self.borrow_writer().await,
        }
    }
}

/// Reads an extended result code; its low byte is the primary one (<https://www.sqlite.org/rescode.html>).
pub(crate) fn symptom(code: Option<&str>) -> Symptom {
    let Some(code) = code.and_then(|code| code.parse::<u32>().ok()) else {
        return Symptom::Other;
    };
    match (code, code & 0xff) {
        (1555 | 2067 | 2579, _) => Symptom::Duplicate,
        (787 | 1811, _) => Symptom::Reference,
        (517, _) => Symptom::Conflict,
        (_, 5 | 6) => Symptom::Locked,
        (_, 8) => Symptom::ReadOnly,
        // out of memory, interrupted, input or output failed
        (_, 7 | 9 | 10) => Symptom::Broken,
        (_, 11 | 26) => Symptom::Damaged,
        (_, 13) => Symptom::Full,
        (_, 14) => Symptom::Closed,
        (_, 18) => Symptom::TooLong,
        _ => Symptom::Other,
    }
}
