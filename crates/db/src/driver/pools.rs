//! The pools a database handle can stand on: a closed set, one variant a feature.
//!
//! This file and the folder of each engine are all that knows them; everything above speaks of connections, statements
//! and transactions.

use std::{path::PathBuf, sync::Arc};

use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult};

#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::Server;
use super::{Bounds, Ear, statements, transaction};
#[cfg(feature = "mysql")]
use crate::mysql;
#[cfg(feature = "postgres")]
use crate::postgres;
#[cfg(feature = "sqlite")]
use crate::sqlite;
use crate::{
    Db,
    engine::Engine,
    pool::{Connect, Lease, Pool, Stats},
    rows::Queue,
    split::{Cluster, Position, Rules, Writing},
    statement::Prepared,
    transaction::Begin,
};

/// An engine with its connections.
pub(crate) enum Pools {
    /// A file (or memory) of this machine.
    #[cfg(feature = "sqlite")]
    Sqlite(Box<sqlite::Sqlite>),
    /// A PostgreSQL server.
    #[cfg(feature = "postgres")]
    Postgres(Server<postgres::Connector>),
    /// A MySQL or MariaDB server.
    #[cfg(feature = "mysql")]
    MySql(Server<mysql::Connector>),
}

/// A connection borrowed for a transaction.
pub(crate) enum Borrowed {
    /// SQLite's writer, or a reader.
    #[cfg(feature = "sqlite")]
    Sqlite(Lease<sqlite::Connector>),
    /// A connection of a PostgreSQL server.
    #[cfg(feature = "postgres")]
    Postgres(Lease<postgres::Connector>),
    /// A connection of a MySQL or MariaDB server.
    #[cfg(feature = "mysql")]
    MySql(Lease<mysql::Connector>),
}

/// The state of one pool at one moment.
pub(crate) struct PoolState<'a> {
    /// What the pool is for.
    pub(crate) name: &'a str,
    /// Connections lent out.
    pub(crate) used: usize,
    /// Connections at rest.
    pub(crate) idle: usize,
    /// The most there may be.
    pub(crate) max: u32,
    /// What happened so far.
    pub(crate) stats: &'a Stats,
}

impl<'a> PoolState<'a> {
    /// The state of a pool.
    pub(crate) fn of<C: Connect>(name: &'a str, pool: &'a Pool<C>) -> Self {
        Self {
            name,
            used: pool.used(),
            idle: pool.idle(),
            max: pool.limits().connections,
            stats: pool.stats(),
        }
    }
}

/// Does the same with whichever engine it is.
macro_rules! on {
    ($self:expr, $it:ident => $work:expr) => {
        match $self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite($it) => $work,
            #[cfg(feature = "postgres")]
            Self::Postgres($it) => $work,
            #[cfg(feature = "mysql")]
            Self::MySql($it) => $work,
        }
    };
}

impl Pools {
    /// The schemes of URLs that this build can open.
    pub(crate) const SCHEMES: &'static [&'static str] = &[
        #[cfg(feature = "sqlite")]
        "sqlite",
        #[cfg(feature = "postgres")]
        "postgres",
        #[cfg(feature = "mysql")]
        "mysql",
        #[cfg(feature = "mysql")]
        "mariadb",
    ];

    /// Chooses the engine by the URL's scheme; opens nothing.
    ///
    /// # Errors
    ///
    /// What is wrong with the URL, in words that do not repeat it.
    pub(crate) fn new(url: &str, bounds: &Bounds) -> Result<Self, String> {
        match url.split_once(':').map_or("", |(scheme, _)| scheme) {
            #[cfg(feature = "sqlite")]
            "sqlite" => Ok(Self::Sqlite(Box::new(sqlite::open(url, bounds)?))),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Ok(Self::Postgres(postgres::open(url, bounds)?)),
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => Ok(Self::MySql(mysql::open(url, bounds)?)),
            "" => Err("it has no scheme".into()),
            other => Err(format!("this build has no driver for `{other}`")),
        }
    }

    /// Adds the replicas at these URLs, which `id` tells apart from those of other handles; opens nothing.
    ///
    /// # Errors
    ///
    /// Which URL is wrong, and what is, in words that do not repeat it.
    pub(crate) fn replicate(
        &mut self,
        id: u64,
        urls: &[String],
        rules: Rules,
        bounds: &Bounds,
    ) -> Result<(), (usize, String)> {
        let primary = self.engine();
        for (index, url) in urls.iter().enumerate() {
            let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
            let is_same = match (primary, scheme) {
                (Engine::Sqlite, _) => {
                    return Err((
                        index,
                        "SQLite, the engine of `database.url`, has no replicas".into(),
                    ));
                }
                (_, "") => return Err((index, "it has no scheme".into())),
                (Engine::Postgres, scheme) => matches!(scheme, "postgres" | "postgresql"),
                (Engine::MySql | Engine::MariaDb, scheme) => matches!(scheme, "mysql" | "mariadb"),
            };
            if !is_same {
                let words =
                    format!("`{scheme}` is another engine than {primary}, that of `database.url`");
                return Err((index, words));
            }
        }
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => {
                server.replicate(
                    id,
                    rules,
                    connectors(urls, |url| postgres::connector(url, bounds))?,
                );
                Ok(())
            }
            #[cfg(feature = "mysql")]
            Self::MySql(server) => {
                server.replicate(
                    id,
                    rules,
                    connectors(urls, |url| mysql::connector(url, bounds))?,
                );
                Ok(())
            }
        }
    }

    /// The primary and its replicas; `None` without any.
    pub(crate) fn cluster(&self) -> Option<&Arc<Cluster>> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => None,
            #[cfg(feature = "postgres")]
            Self::Postgres(it) => it.cluster(),
            #[cfg(feature = "mysql")]
            Self::MySql(it) => it.cluster(),
        }
    }

    /// A write of the calling code, where a replica could miss it.
    pub(crate) fn writing(&self) -> Option<Writing> {
        self.cluster().map(|cluster| cluster.writing())
    }

    /// The replica that would answer a `SELECT` of the calling code.
    pub(crate) fn route(&self, sql: &str) -> Option<&str> {
        let _ = sql;
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => None,
            #[cfg(feature = "postgres")]
            Self::Postgres(it) => it.route(sql),
            #[cfg(feature = "mysql")]
            Self::MySql(it) => it.route(sql),
        }
    }

    /// Where the primary stands.
    pub(crate) async fn position(&self) -> Result<Option<Position>, DbErr> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Ok(None),
            #[cfg(feature = "postgres")]
            Self::Postgres(it) => it.position().await,
            #[cfg(feature = "mysql")]
            Self::MySql(it) => it.position().await,
        }
    }

    /// The engine.
    pub(crate) fn engine(&self) -> Engine {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Engine::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Engine::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql(server) => server.connector().engine(),
        }
    }

    /// The SQL dialect.
    pub(crate) fn backend(&self) -> DbBackend {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => DbBackend::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => DbBackend::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql(_) => DbBackend::MySql,
        }
    }

    /// Where the database is, without secrets.
    pub(crate) fn place(&self) -> String {
        on!(self, it => it.place())
    }

    /// The file it lies in, if it lies in one of this machine.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(it) => it.file(),
            #[cfg(any(feature = "postgres", feature = "mysql"))]
            _ => None,
        }
    }

    /// The name of the database on its server (`db.namespace`).
    pub(crate) fn namespace(&self) -> Option<String> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => None,
            #[allow(
                unreachable_patterns,
                reason = "without the servers, SQLite is all there is"
            )]
            _ => {
                let name = self
                    .place()
                    .rsplit_once('/')
                    .map(|(_, name)| name.to_owned());
                name.filter(|name| !name.is_empty())
            }
        }
    }

    /// Runs a statement for its effect.
    pub(crate) async fn execute(&self, statement: Prepared) -> Result<ExecResult, DbErr> {
        on!(self, it => it.execute(statement).await)
    }

    /// Runs SQL text as it is.
    pub(crate) async fn execute_unprepared(&self, sql: Arc<String>) -> Result<ExecResult, DbErr> {
        on!(self, it => it.execute_unprepared(sql).await)
    }

    /// Runs a statement for its first row.
    pub(crate) async fn query_one(
        &self,
        statement: Prepared,
    ) -> Result<Option<QueryResult>, DbErr> {
        on!(self, it => it.query_one(statement).await)
    }

    /// Runs a statement for all its rows.
    pub(crate) async fn query_all(&self, statement: Prepared) -> Result<Vec<QueryResult>, DbErr> {
        on!(self, it => it.query_all(statement).await)
    }

    /// Runs a statement and passes its rows on one by one.
    pub(crate) async fn stream(&self, statement: Prepared, rows: &Queue) -> Result<(), DbErr> {
        on!(self, it => it.stream(statement, rows).await)
    }

    /// Listens to messages on a connection of its own.
    pub(crate) async fn listen(
        &self,
        db: &Db,
        channels: Vec<String>,
    ) -> Result<Box<dyn Ear>, DbErr> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(it) => Ok(postgres::listen(it.connector(), db, channels).await),
            #[allow(
                unreachable_patterns,
                reason = "PostgreSQL may be the only engine there is"
            )]
            _ => Err(DbErr::BackendNotSupported {
                db: self.engine().system(),
                ctx: "messages between its clients; ask its tables for what is new",
            }),
        }
    }

    /// Lets the engine read a statement without running it.
    pub(crate) async fn check(&self, sql: Arc<String>) -> Result<(), DbErr> {
        on!(self, it => it.check(sql).await)
    }

    /// Borrows a connection that a transaction may have for itself.
    pub(crate) async fn borrow(&self, begin: &Begin) -> Result<Borrowed, DbErr> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(it) => it.borrow(begin.read_only).await.map(Borrowed::Sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(it) => it.borrow().await.map(Borrowed::Postgres),
            #[cfg(feature = "mysql")]
            Self::MySql(it) => it.borrow().await.map(Borrowed::MySql),
        }
    }

    /// Says whether a table exists.
    pub(crate) async fn has_table(&self, name: &str) -> Result<bool, DbErr> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(it) => it.has_table(name).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(it) => it.has_table(DbBackend::Postgres, name).await,
            #[cfg(feature = "mysql")]
            Self::MySql(it) => it.has_table(DbBackend::MySql, name).await,
        }
    }

    /// Asks the database for a sign of life.
    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        on!(self, it => it.ping().await)
    }

    /// Says whether all connections are in use and take turns, so that asking for a sign of life would only queue.
    pub(crate) fn is_turning(&self) -> bool {
        on!(self, it => it.is_turning())
    }

    /// Waits for statements in flight and closes all connections.
    pub(crate) async fn close(&self) {
        on!(self, it => it.close().await);
    }

    /// The state of every pool.
    pub(crate) fn pools(&self) -> Vec<PoolState<'_>> {
        on!(self, it => it.pools())
    }
}

/// A connector and a place for each URL.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn connectors<C>(
    urls: &[String],
    parse: impl Fn(&str) -> Result<(C, String), String>,
) -> Result<Vec<(C, String)>, (usize, String)> {
    let parsed = urls.iter().enumerate();
    parsed
        .map(|(index, url)| parse(url).map_err(|problem| (index, problem)))
        .collect()
}

impl Borrowed {
    /// Runs a statement for its effect.
    pub(crate) async fn execute(&mut self, statement: Prepared) -> Result<ExecResult, DbErr> {
        on!(self, lease => statements::execute(lease, statement).await)
    }

    /// Runs SQL text as it is.
    pub(crate) async fn execute_unprepared(
        &mut self,
        sql: Arc<String>,
    ) -> Result<ExecResult, DbErr> {
        on!(self, lease => statements::execute_unprepared(lease, sql).await)
    }

    /// Runs a statement for its first row.
    pub(crate) async fn query_one(
        &mut self,
        statement: Prepared,
    ) -> Result<Option<QueryResult>, DbErr> {
        on!(self, lease => statements::query_one(lease, statement).await)
    }

    /// Runs a statement for all its rows.
    pub(crate) async fn query_all(
        &mut self,
        statement: Prepared,
    ) -> Result<Vec<QueryResult>, DbErr> {
        on!(self, lease => statements::query_all(lease, statement).await)
    }

    /// Runs a statement and passes its rows on one by one.
    pub(crate) async fn stream(&mut self, statement: Prepared, rows: &Queue) -> Result<(), DbErr> {
        on!(self, lease => statements::stream(lease, statement, rows).await)
    }

    /// Begins the transaction.
    pub(crate) async fn begin(&mut self, begin: &Begin) -> Result<(), DbErr> {
        on!(self, lease => transaction::begin(lease, begin).await)
    }

    /// Commits the transaction that began like this.
    pub(crate) async fn commit(&mut self, begin: &Begin) -> Result<(), DbErr> {
        on!(self, lease => transaction::commit(lease, begin).await)
    }

    /// Undoes the transaction that began like this.
    pub(crate) async fn rollback(&mut self, begin: &Begin) -> Result<(), DbErr> {
        on!(self, lease => transaction::rollback(lease, begin).await)
    }

    /// Undoes without waiting, and gives the connection back.
    pub(crate) fn abandon(self, begin: Begin) {
        on!(self, lease => transaction::abandon(lease, begin));
    }

    /// Closes the connection instead of giving it back.
    pub(crate) fn discard(mut self) {
        on!(&mut self, lease => lease.lose());
    }
}
