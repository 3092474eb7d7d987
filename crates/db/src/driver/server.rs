//! The connections of an engine that is a server.

use std::sync::Arc;

use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::{
    Driver, PoolState,
    statements::{begin, check, end, execute, execute_unprepared, within},
};
use crate::{
    pool::{Lease, Limits, Pool},
    rows::Queue,
    split::{All, Cluster, Detour, Each, One, Position, Read, Replicas, Replicated, Rules},
    statement::{Operation, Prepared},
    symptom::Symptom,
};

/// The pools of one database on a server.
pub(crate) struct Server<D: Replicated> {
    /// Where everything runs that may not, or cannot, run on a replica.
    primary: Pool<D>,
    /// Where reads run.
    replicas: Option<Replicas<D>>,
    /// Host and name of the database, for words.
    place: String,
}

impl<D: Replicated> Server<D> {
    /// The pools for a database; nothing is opened yet.
    pub(crate) fn new(connector: D, place: String, limits: Limits) -> Self {
        Self {
            primary: Pool::new(connector, limits),
            replicas: None,
            place,
        }
    }

    /// Adds replicas; nothing is opened yet.
    pub(crate) fn replicate(&mut self, id: u64, rules: Rules, connectors: Vec<(D, String)>) {
        let (limits, primary) = (*self.primary.limits(), self.primary.clone());
        self.replicas =
            (!connectors.is_empty()).then(|| Replicas::new(id, rules, limits, primary, connectors));
    }

    /// What is known about the replicas.
    pub(crate) fn cluster(&self) -> Option<&Arc<Cluster>> {
        self.replicas.as_ref().map(Replicas::cluster)
    }

    /// The replica that would answer a `SELECT`.
    pub(crate) fn route(&self, sql: &str) -> Option<&str> {
        self.replicas.as_ref()?.route(sql)
    }

    /// Where the primary stands.
    pub(crate) async fn position(&self) -> Result<Option<Position>, DbErr> {
        let mut lease = self.primary.acquire().await?;
        let bound = begin(&mut lease).await?;
        let answer = within(bound, self.connector().standing(&mut lease)).await;
        let standing = end(&mut lease, answer)?;
        Ok(standing.map(|standing| standing.written))
    }

    /// What opens the connections.
    pub(crate) fn connector(&self) -> &D {
        self.primary.connector()
    }

    /// Host and name of the database, for words.
    pub(crate) fn place(&self) -> String {
        self.place.clone()
    }

    /// The state of each pool.
    pub(crate) fn pools(&self) -> Vec<PoolState<'_>> {
        let replicas = self.replicas.iter().flat_map(Replicas::pools);
        std::iter::once(PoolState::of("primary", &self.primary))
            .chain(replicas.map(|(name, pool)| PoolState::of(name, pool)))
            .collect()
    }

    /// Runs a statement for its effect.
    pub(crate) async fn execute(&self, statement: Prepared) -> Result<ExecResult, DbErr> {
        let _writing = self.cluster().map(|cluster| cluster.writing());
        execute(&mut self.primary.acquire().await?, statement).await
    }

    /// Runs SQL text as it is, several statements included.
    pub(crate) async fn execute_unprepared(&self, sql: Arc<String>) -> Result<ExecResult, DbErr> {
        let _writing = self.cluster().map(|cluster| cluster.writing());
        execute_unprepared(&mut self.primary.acquire().await?, sql).await
    }

    /// Runs a statement for its first row.
    pub(crate) async fn query_one(
        &self,
        statement: Prepared,
    ) -> Result<Option<QueryResult>, DbErr> {
        self.query(&One, statement).await
    }

    /// Runs a statement for all its rows.
    pub(crate) async fn query_all(&self, statement: Prepared) -> Result<Vec<QueryResult>, DbErr> {
        self.query(&All, statement).await
    }

    /// Runs a statement and passes its rows on one by one.
    pub(crate) async fn stream(&self, statement: Prepared, rows: &Queue) -> Result<(), DbErr> {
        self.query(&Each(rows), statement).await
    }

    async fn query<R: Read>(&self, read: &R, statement: Prepared) -> Result<R::Answer, DbErr> {
        let Some(replicas) = &self.replicas else {
            return self.on_primary(read, statement).await;
        };
        match replicas.read(read, statement).await {
            Ok(answer) => answer,
            Err(Detour { statement, writes }) => {
                let _writing = writes.then(|| replicas.cluster().writing());
                self.on_primary(read, statement).await
            }
        }
    }

    async fn on_primary<R: Read>(&self, read: &R, statement: Prepared) -> Result<R::Answer, DbErr> {
        let again = (statement.operation == Operation::Select).then(|| statement.clone());
        let mut lease = self.primary.acquire().await?;
        let answer = read.run(&mut lease, statement).await;
        match (answer, again) {
            (Err(error), Some(again))
                if is_stale(&lease, &error) && read.may_move() && again.may_repeat() =>
            {
                drop(lease);
                read.run(&mut self.primary.acquire().await?, again).await
            }
            (answer, _) => answer,
        }
    }

    /// Lets the engine read a statement without running it.
    pub(crate) async fn check(&self, sql: Arc<String>) -> Result<(), DbErr> {
        check(&mut self.primary.acquire().await?, sql).await
    }

    /// Borrows a connection that a transaction may have for itself.
    pub(crate) async fn borrow(&self) -> Result<Lease<D>, DbErr> {
        self.primary.acquire().await
    }

    /// Says whether a table exists where names without a schema are looked up.
    pub(crate) async fn has_table(&self, backend: DbBackend, name: &str) -> Result<bool, DbErr> {
        let statement = Statement::from_sql_and_values(backend, D::HAS_TABLE, [name.into()]);
        self.on_primary(&One, statement.into())
            .await
            .map(|row| row.is_some())
    }

    /// Asks for a sign of life.
    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        let statement = Statement::from_string(DbBackend::Postgres, "SELECT 1");
        // what the replicas are doing is none of its business, but they are looked for from now on
        if let Some(replicas) = &self.replicas {
            replicas.watch();
        }
        self.on_primary(&One, statement.into()).await.map(drop)
    }

    /// Says whether all connections are in use and take turns.
    pub(crate) fn is_turning(&self) -> bool {
        self.primary.is_turning()
    }

    /// Waits for statements in flight and closes all connections.
    pub(crate) async fn close(&self) {
        if let Some(replicas) = &self.replicas {
            replicas.close().await;
        }
        self.primary.close().await;
    }
}

/// Says whether a statement failed because its connection had died at rest, which the next one has not.
fn is_stale<D: Driver>(lease: &Lease<D>, error: &DbErr) -> bool {
    lease.has_rested() && lease.is_lost() && Symptom::of(error) == Symptom::Gone
}
