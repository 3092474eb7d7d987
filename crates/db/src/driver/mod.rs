//! What the drivers of all engines share: statements and transactions on one connection, and pools above them.
//!
//! [`Driver`] is what an engine brings; the folder of each engine implements it. [`Pools`] is the closed set of them that
//! a database handle stands on.

mod bounds;
pub(crate) mod cursor;
mod pools;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod server;
pub(crate) mod statements;
pub(crate) mod transaction;
mod unlimited;

use std::{future::Future, sync::Arc, time::Duration};

use sea_orm::{ExecResult, QueryResult};
use sqlx::{Database, SqlStr};

#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use self::server::Server;
pub(crate) use self::{
    bounds::Bounds,
    pools::{Borrowed, PoolState, Pools},
};
use crate::{Notice, pool::Connect, rows::Queue, statement::Prepared, transaction::Begin};

/// What hears the messages of a server.
#[async_trait::async_trait]
pub(crate) trait Ear: Send {
    /// The next thing that is heard.
    async fn next(&mut self) -> Notice;
}

/// How an engine runs statements on the connections that it opens.
pub(crate) trait Driver:
    Connect<Connection = <Self::Database as Database>::Connection>
{
    /// The engine in the words of the driver library.
    type Database: Database;

    /// A query that has a row when the table that its one parameter names exists.
    const HAS_TABLE: &'static str;

    /// Whether rows are best read through cursors, one by one.
    const CURSORS: bool = false;

    /// What begins a transaction that keeps at least what is asked for.
    fn begin(&self, begin: &Begin) -> SqlStr;

    /// What takes back, before such a transaction ends, what its beginning has set on the connection itself.
    fn lift(&self, _: &Begin) -> Option<&'static str> {
        None
    }

    /// What frees a session from the limit on the time of its statements, where there is one.
    fn unlimit(&self) -> Option<&'static str> {
        None
    }

    /// A statement whose rows are taken one by one: a limit of the time that it may take would count the time that others
    /// need for its rows.
    fn patient(&self, statement: Prepared) -> Prepared {
        statement
    }

    /// A statement as this engine wants it.
    fn prepare(statement: Prepared) -> Prepared {
        statement
    }

    /// Runs a statement for its effect.
    fn execute(
        connection: &mut Self::Connection,
        statement: Prepared,
    ) -> impl Future<Output = sqlx::Result<ExecResult>> + Send;

    /// Runs SQL text as it is, several statements included.
    fn execute_text(
        connection: &mut Self::Connection,
        sql: Arc<String>,
    ) -> impl Future<Output = sqlx::Result<ExecResult>> + Send;

    /// Runs a statement for its first row.
    fn query_one(
        connection: &mut Self::Connection,
        statement: Prepared,
    ) -> impl Future<Output = sqlx::Result<Option<QueryResult>>> + Send;

    /// Runs a statement for all its rows.
    fn query_all(
        connection: &mut Self::Connection,
        statement: Prepared,
    ) -> impl Future<Output = sqlx::Result<Vec<QueryResult>>> + Send;

    /// Runs a statement and passes its rows on one by one, as fast as they are taken.
    fn stream(
        connection: &mut Self::Connection,
        statement: Prepared,
        patience: Option<Duration>,
        rows: &Queue,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;

    /// Lets the engine read a statement without running it.
    fn check(
        connection: &mut Self::Connection,
        sql: Arc<String>,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;
}
