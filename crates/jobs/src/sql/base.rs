//! Statements on the handle: texts that are built once, and what all parts of the store share.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use atlas_db::{
    Db, IsolationLevel, TransactionOptions,
    sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value},
};

use super::wake::Bell;
use crate::{Error, Result};

/// How often work is tried again that lost a conflict with others, at most.
const RETRIES: u32 = 32;

/// The most values of one list; longer ones are cut into several.
pub(super) const LONGEST_LIST: usize = 512;

/// The engines, as far as their SQL differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
}

/// A handle of the database, the texts, and who is told of work.
#[derive(Clone)]
pub(crate) struct Base {
    pub(crate) db: Db,
    pub(super) dialect: Dialect,
    texts: Arc<Texts>,
    pub(super) bell: Arc<Bell>,
}

/// What tells one text from all others: what it does, and how many values stand in its lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape(&'static str, [usize; 3]);

impl From<(&'static str, usize, usize)> for Shape {
    fn from((name, first, second): (&'static str, usize, usize)) -> Self {
        Self(name, [first, second, 0])
    }
}

impl From<(&'static str, usize, usize, usize)> for Shape {
    fn from((name, first, second, third): (&'static str, usize, usize, usize)) -> Self {
        Self(name, [first, second, third])
    }
}

type Texts = RwLock<HashMap<Shape, Arc<str>>>;

impl Base {
    pub(crate) fn new(db: Db) -> Self {
        let dialect = match db.get_database_backend() {
            DbBackend::Postgres => Dialect::Postgres,
            DbBackend::MySql => Dialect::MySql,
            _ => Dialect::Sqlite,
        };
        Self {
            db,
            dialect,
            texts: Arc::default(),
            bell: Arc::new(Bell::new()),
        }
    }

    /// The same on another handle.
    pub(super) fn on(&self, db: Db) -> Self {
        Self { db, ..self.clone() }
    }

    /// Says whether another handle of the database has other connections: not so in memory.
    pub(super) fn is_file_or_server(&self) -> bool {
        self.dialect != Dialect::Sqlite || self.db.place() != "memory"
    }

    /// The text of a shape. `write` gives it with `?` for parameters and `{now}` for the time of the database's clock; it is
    /// asked once.
    pub(crate) fn text(&self, shape: impl Into<Shape>, write: impl FnOnce() -> String) -> Arc<str> {
        let shape = shape.into();
        let texts = self.texts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = texts.get(&shape) {
            return Arc::clone(text);
        }
        drop(texts);
        let text: Arc<str> = self.dialect.write(&write()).into();
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(texts.entry(shape).or_insert(text))
    }

    /// The text of a statement that has one shape.
    pub(crate) fn fixed(&self, text: &'static str) -> Arc<str> {
        self.text((text, 0, 0), || text.to_owned())
    }

    /// Runs a statement for its rows.
    pub(crate) async fn rows(&self, text: &str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
        Ok(self.db.query_all_raw(self.statement(text, values)).await?)
    }

    /// Runs a statement for its first row.
    pub(crate) async fn row(&self, text: &str, values: Vec<Value>) -> Result<Option<QueryResult>> {
        Ok(self.db.query_one_raw(self.statement(text, values)).await?)
    }

    /// Runs a statement for its effect, and says how many rows it met.
    pub(crate) async fn run(&self, text: &str, values: Vec<Value>) -> Result<u64> {
        let done = self.db.execute_raw(self.statement(text, values)).await?;
        Ok(done.rows_affected())
    }

    fn statement(&self, text: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.db.get_database_backend(), text, values)
    }

    /// Runs work that has nothing to do with the caller's transaction, and sees what is there now.
    pub(crate) async fn alone<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.db.outside(self.db.on_primary(work)).await
    }

    /// Runs work in a transaction of its own, again and again if it loses a conflict.
    pub(crate) async fn transaction<T, F, Fut>(&self, work: F) -> Result<T>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let options = TransactionOptions::new().retries(RETRIES);
        let options = match self.dialect {
            // locks only what it finds, not the gaps between
            Dialect::MySql => options.isolation(IsolationLevel::ReadCommitted),
            Dialect::Sqlite | Dialect::Postgres => options,
        };
        self.alone(self.db.transaction_with(options, work)).await
    }

    /// Runs work in the caller's transaction, if there is one, or else in one of its own.
    pub(super) async fn joined<T, F, Fut>(&self, mut work: F) -> Result<T>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        if self.db.in_transaction() {
            return self.db.transaction(&mut work).await;
        }
        self.transaction(work).await
    }

    /// What locks the rows that are found, and passes over those that others have locked.
    pub(crate) fn skip_locked(&self) -> &'static str {
        match self.dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres | Dialect::MySql => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// What locks the rows that are found.
    pub(super) fn for_update(&self) -> &'static str {
        match self.dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres | Dialect::MySql => " FOR UPDATE",
        }
    }
}

impl Dialect {
    /// The time of the database's clock, in milliseconds.
    const fn now(self) -> &'static str {
        match self {
            Self::Sqlite => "CAST(round(unixepoch('now', 'subsec') * 1000) AS INTEGER)",
            // asked once in a statement, so that an index can be looked up by it
            Self::Postgres => {
                "(SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint))"
            }
            Self::MySql => "CAST(floor(UNIX_TIMESTAMP(NOW(3)) * 1000) AS SIGNED)",
        }
    }

    /// The type of a wide number.
    const fn big(self) -> &'static str {
        match self {
            Self::Sqlite => "INTEGER",
            Self::Postgres => "bigint",
            Self::MySql => "SIGNED",
        }
    }

    /// A text as the engine wants it.
    pub(super) fn write(self, text: &str) -> String {
        let text = text
            .replace("{now}", self.now())
            .replace("{big}", self.big());
        if self != Self::Postgres {
            return text;
        }
        let mut parts = text.split('?');
        let mut written = parts.next().unwrap_or_default().to_owned();
        for (number, part) in parts.enumerate() {
            written.push('$');
            written.push_str(&(number + 1).to_string());
            written.push_str(part);
        }
        written
    }
}

/// How many places a list of so many values has: a power of two, so that there are few texts.
pub(super) fn places(values: usize) -> usize {
    values.max(1).next_power_of_two()
}

/// So many times the same, with commas between.
pub(super) fn list(one: &str, times: usize) -> String {
    vec![one; times].join(", ")
}

/// The values of a list, the last one repeated up to the number of its places.
pub(super) fn padded<T: Clone>(values: &[T]) -> impl Iterator<Item = &T> {
    let missing = places(values.len()).saturating_sub(values.len());
    let last = values.last().into_iter().cycle().take(missing);
    values.iter().chain(last)
}

/// What is as good as for ever, and can be added to a time.
pub(super) const ENDLESS: Duration = Duration::from_secs(200 * 365 * 24 * 3600);

/// A span as the database counts time.
pub(crate) fn millis(span: Duration) -> i64 {
    i64::try_from(span.min(ENDLESS).as_millis()).unwrap_or(i64::MAX)
}

/// A number that the database has as a signed one.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Text as every engine can keep it: PostgreSQL has no character U+0000.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A row that is not what it should be.
pub(super) fn damaged(words: String) -> Error {
    Error::Refused(words.into())
}
