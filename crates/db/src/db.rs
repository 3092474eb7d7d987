//! The handle that repositories hold.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use atlas_core::{Component, Diagnostic};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::{
    Error, config::DbConfig, diagnostics, driver::Pools, engine::Engine, meters::Meters,
    statement::Prepared, transaction,
};

/// The database, as a repository sees it: a cheap handle that queries run on.
///
/// It implements SeaORM's [`ConnectionTrait`], so `product::Entity::find().all(&self.db)` is all there is to it. Making
/// one does no I/O: connections are opened when the first statement needs them. Statements inside
/// [`transaction`](Self::transaction) join the transaction by themselves, through any clone of the handle.
#[derive(Clone)]
pub struct Db(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    /// Tells the handles of a process apart.
    pub(crate) id: u64,
    pub(crate) engine: Pools,
    pub(crate) meters: Meters,
    pub(crate) config: DbConfig,
}

impl Component for Db {}

impl Db {
    /// A handle for the configured database; nothing is opened yet.
    ///
    /// # Errors
    ///
    /// A202 when the URL is malformed or names an engine that this build has no driver for; A210 when that of a replica is
    /// malformed, or the engine is another one or has no replicas.
    pub fn new(config: &DbConfig) -> Result<Self, Diagnostic> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let bounds = config.bounds();
        let mut engine = Pools::new(&config.url, &bounds)
            .map_err(|problem| diagnostics::bad_url(&config.url, &problem))?;
        engine
            .replicate(id, &config.replicas, config.rules(), &bounds)
            .map_err(|(index, problem)| diagnostics::bad_replica(config, index, &problem))?;
        let namespace = engine.namespace();
        Ok(Self(Arc::new(Inner {
            id,
            engine,
            meters: Meters::new(config.thresholds(), namespace),
            config: config.clone(),
        })))
    }

    /// Asks the database for a sign of life: opens a connection if none is open, and reads.
    ///
    /// # Errors
    ///
    /// When it cannot be reached, or what answers is no database.
    pub async fn ping(&self) -> Result<(), Error> {
        self.0.engine.ping().await.map_err(Error::from)
    }

    /// Waits until every connection is back, and closes them. Statements that come later fail.
    pub async fn close(&self) {
        self.0.engine.close().await;
    }

    /// A handle of the same database with at most this many connections of its own, opened when they are needed by the
    /// runtime that needs them: for work that has to go on when all connections of the service are in use. It joins no
    /// transaction of this handle, and none of this one's replicas answers for it. [Close](Self::close) it when it is done.
    ///
    /// A database in memory has no second door, so there it is this handle.
    ///
    /// ```
    /// # use atlas_db::{Db, DbConfig};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let db = Db::new(&DbConfig::at(format!("sqlite://{}", folder.path().join("a.sqlite").display())))?;
    /// let signs_of_life = db.beside(1);
    /// signs_of_life.ping().await?;
    /// signs_of_life.close().await;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn beside(&self, connections: u32) -> Self {
        self.again(|config| config.max_connections = connections)
    }

    /// A handle with connections of its own, for work that must neither take those of the service nor be ended by their
    /// limits. A database in memory has no second door, so there it is this one.
    pub(crate) fn aside(&self) -> Self {
        self.again(|config| {
            config.max_connections = 4;
            config.statement_timeout = atlas_config::Duration::from_secs(0);
        })
    }

    /// Another handle of the primary.
    fn again(&self, change: impl FnOnce(&mut DbConfig)) -> Self {
        let in_memory =
            self.get_database_backend() == DbBackend::Sqlite && self.0.engine.file().is_none();
        if in_memory {
            return self.clone();
        }
        let mut config = self.0.config.clone();
        config.replicas.clear();
        change(&mut config);
        Self::new(&config).unwrap_or_else(|_| self.clone())
    }

    /// Closes a handle that [`aside`](Self::aside) made of another one.
    pub(crate) async fn close_aside(&self, of: &Self) {
        if !Arc::ptr_eq(&self.0, &of.0) {
            self.close().await;
        }
    }

    /// Where the database is, for words: a path or host and name, never a password.
    pub fn place(&self) -> String {
        self.0.engine.place()
    }

    /// The engine. Whether a server is MySQL or MariaDB, it says itself when the first connection is opened; before, the
    /// scheme of the URL counts.
    pub fn engine(&self) -> Engine {
        self.0.engine.engine()
    }

    /// The engine's name in telemetry (`db.system.name` of the OpenTelemetry conventions), such as `postgresql`.
    pub fn system(&self) -> &'static str {
        self.engine().system()
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("system", &self.system())
            .field("place", &self.place())
            .finish()
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Db {
    fn get_database_backend(&self) -> DbBackend {
        self.0.engine.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        if let Some(session) = transaction::joined(self) {
            return session.execute(statement).await;
        }
        let statement = Prepared::from(statement);
        let watch = self.watch(&statement);
        watch.end(watch.within(self.0.engine.execute(statement)).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        if let Some(session) = transaction::joined(self) {
            return session.execute_unprepared(sql).await;
        }
        let sql = Arc::new(sql.to_owned());
        let watch = self.watch_text(&sql);
        watch.end(watch.within(self.0.engine.execute_unprepared(sql)).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        if let Some(session) = transaction::joined(self) {
            return session.query_one(statement).await;
        }
        let statement = Prepared::from(statement);
        let watch = self.watch(&statement);
        watch.end(watch.within(self.0.engine.query_one(statement)).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if let Some(session) = transaction::joined(self) {
            return session.query_all(statement).await;
        }
        let statement = Prepared::from(statement);
        let watch = self.watch(&statement);
        watch.end(watch.within(self.0.engine.query_all(statement)).await)
    }
}
