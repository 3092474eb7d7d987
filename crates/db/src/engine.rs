//! The engines a database handle can stand on: a closed set, one variant a feature.
//!
//! This file and the folder of each engine are all that knows them; everything above speaks of connections,
//! statements and transactions.

use std::{sync::Arc, time::Duration};

use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult};

use crate::{
    config::Durability,
    pool::{Limits, Stats},
    sqlite::{self, Sqlite, SqliteLease, Target},
    statement::Prepared,
};

/// What the configuration allows an engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The bounds of its pool.
    pub(crate) limits: Limits,
    /// How long a statement waits for a lock that another process or transaction holds.
    pub(crate) lock_timeout: Duration,
    /// What a commit waits for.
    pub(crate) durability: Durability,
}

/// An engine with its connections.
pub(crate) enum Engine {
    /// A file (or memory) of this machine.
    Sqlite(Sqlite),
}

/// A connection borrowed for a transaction.
pub(crate) enum Borrowed {
    /// SQLite's writer.
    Sqlite {
        /// The connection.
        lease: SqliteLease,
        /// The transaction cannot write.
        read_only: bool,
    },
}

/// The state of one pool at one moment.
pub(crate) struct PoolState<'a> {
    /// What the pool is for.
    pub(crate) name: &'static str,
    /// Connections lent out.
    pub(crate) used: usize,
    /// Connections at rest.
    pub(crate) idle: usize,
    /// The most there may be.
    pub(crate) max: u32,
    /// What happened so far.
    pub(crate) stats: &'a Stats,
}

impl Engine {
    /// The schemes of URLs that this build can open.
    pub(crate) const SCHEMES: &'static [&'static str] = &["sqlite"];

    /// Chooses the engine by the URL's scheme; opens nothing.
    ///
    /// # Errors
    ///
    /// What is wrong with the URL, in words that do not repeat it.
    pub(crate) fn new(url: &str, bounds: &Bounds) -> Result<Self, String> {
        match url.split_once(':').map_or("", |(scheme, _)| scheme) {
            "sqlite" => Ok(Self::Sqlite(Sqlite::new(Target::parse(url)?, bounds))),
            "" => Err("it has no scheme".into()),
            other => Err(format!("this build has no driver for `{other}`")),
        }
    }

    /// The SQL dialect.
    pub(crate) fn backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    /// The name telemetry knows the engine by (`db.system.name`).
    pub(crate) fn system(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
        }
    }

    /// Where the database is, without secrets.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Sqlite(sqlite) => sqlite.place(),
        }
    }

    /// Runs a statement for its effect.
    pub(crate) async fn execute(&self, statement: Prepared) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite(sqlite) => sqlite.execute(statement).await,
        }
    }

    /// Runs SQL text as it is.
    pub(crate) async fn execute_unprepared(&self, sql: Arc<String>) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite(sqlite) => sqlite.execute_unprepared(sql).await,
        }
    }

    /// Runs a statement for its first row.
    pub(crate) async fn query_one(
        &self,
        statement: Prepared,
    ) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(sqlite) => sqlite.query_one(statement).await,
        }
    }

    /// Runs a statement for all its rows.
    pub(crate) async fn query_all(&self, statement: Prepared) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(sqlite) => sqlite.query_all(statement).await,
        }
    }

    /// Borrows a connection that a transaction may have for itself.
    pub(crate) async fn borrow(&self) -> Result<Borrowed, DbErr> {
        match self {
            Self::Sqlite(sqlite) => Ok(Borrowed::Sqlite {
                lease: sqlite.borrow_writer().await?,
                read_only: sqlite.is_read_only(),
            }),
        }
    }

    /// Says whether a table exists.
    pub(crate) async fn has_table(&self, name: &str) -> Result<bool, DbErr> {
        match self {
            Self::Sqlite(sqlite) => sqlite.has_table(name).await,
        }
    }

    /// Asks the database for a sign of life.
    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        match self {
            Self::Sqlite(sqlite) => sqlite.ping().await,
        }
    }

    /// Says whether all connections are in use and take turns, so that asking for a sign of life would only queue.
    pub(crate) fn is_turning(&self) -> bool {
        match self {
            Self::Sqlite(sqlite) => sqlite.is_turning(),
        }
    }

    /// Waits for statements in flight and closes all connections.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
        }
    }

    /// The state of every pool.
    pub(crate) fn pools(&self) -> Vec<PoolState<'_>> {
        match self {
            Self::Sqlite(sqlite) => sqlite
                .pools()
                .map(|(name, pool)| PoolState {
                    name,
                    used: pool.used(),
                    idle: pool.idle(),
                    max: pool.limits().connections,
                    stats: pool.stats(),
                })
                .collect(),
        }
    }
}

impl Borrowed {
    /// Runs a statement for its effect.
    pub(crate) async fn execute(&mut self, statement: Prepared) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite { lease, .. } => sqlite::execute(lease, statement)
                .await
                .map_err(sqlite::failed),
        }
    }

    /// Runs SQL text as it is.
    pub(crate) async fn execute_unprepared(
        &mut self,
        sql: Arc<String>,
    ) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite { lease, .. } => sqlite::execute_unprepared(lease, sql)
                .await
                .map_err(sqlite::failed),
        }
    }

    /// Runs a statement for its first row.
    pub(crate) async fn query_one(
        &mut self,
        statement: Prepared,
    ) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Sqlite { lease, .. } => sqlite::query_one(lease, statement)
                .await
                .map_err(sqlite::failed),
        }
    }

    /// Runs a statement for all its rows.
    pub(crate) async fn query_all(
        &mut self,
        statement: Prepared,
    ) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Sqlite { lease, .. } => sqlite::query_all(lease, statement)
                .await
                .map_err(sqlite::failed),
        }
    }

    /// Begins the transaction.
    pub(crate) async fn begin(&mut self) -> Result<(), DbErr> {
        match self {
            Self::Sqlite { lease, read_only } => {
                sqlite::transaction::begin(lease, *read_only).await
            }
        }
    }

    /// Sets a savepoint.
    pub(crate) async fn savepoint(&mut self) -> Result<(), DbErr> {
        match self {
            Self::Sqlite { lease, .. } => sqlite::transaction::savepoint(lease).await,
        }
    }

    /// Commits the transaction, or releases the latest savepoint.
    pub(crate) async fn commit(&mut self) -> Result<(), DbErr> {
        match self {
            Self::Sqlite { lease, .. } => sqlite::transaction::commit(lease).await,
        }
    }

    /// Undoes the transaction, or what followed the latest savepoint.
    pub(crate) async fn rollback(&mut self) -> Result<(), DbErr> {
        match self {
            Self::Sqlite { lease, .. } => sqlite::transaction::rollback(lease).await,
        }
    }

    /// Undoes without waiting.
    pub(crate) fn abandon(&mut self) {
        match self {
            Self::Sqlite { lease, .. } => sqlite::transaction::abandon(lease),
        }
    }
}
