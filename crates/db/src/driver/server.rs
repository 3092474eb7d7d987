//! The connections of an engine that is a server.

use std::sync::Arc;

use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::{
    Driver,
    statements::{execute, execute_unprepared, query_all, query_one},
};
use crate::{
    pool::{Lease, Limits, Pool},
    statement::{Operation, Prepared},
    symptom::Symptom,
};

/// The pools of one database on a server.
pub(crate) struct Server<D: Driver> {
    /// Where everything runs.
    primary: Pool<D>,
    /// Host and name of the database, for words.
    place: String,
}

impl<D: Driver> Server<D> {
    /// The pools for a database; nothing is opened yet.
    pub(crate) fn new(connector: D, place: String, limits: Limits) -> Self {
        Self {
            primary: Pool::new(connector, limits),
            place,
        }
    }

    /// What opens the connections.
    pub(crate) fn connector(&self) -> &D {
        self.primary.connector()
    }

    /// Host and name of the database, for words.
    pub(crate) fn place(&self) -> String {
        self.place.clone()
    }

    /// Name and pool of each pool.
    pub(crate) fn pools(&self) -> impl Iterator<Item = (&'static str, &Pool<D>)> {
        [("primary", &self.primary)].into_iter()
    }

    /// Runs a statement for its effect.
    pub(crate) async fn execute(&self, statement: Prepared) -> Result<ExecResult, DbErr> {
        execute(&mut self.primary.acquire().await?, statement).await
    }

    /// Runs SQL text as it is, several statements included.
    pub(crate) async fn execute_unprepared(&self, sql: Arc<String>) -> Result<ExecResult, DbErr> {
        execute_unprepared(&mut self.primary.acquire().await?, sql).await
    }

    /// Runs a statement for its first row.
    pub(crate) async fn query_one(
        &self,
        statement: Prepared,
    ) -> Result<Option<QueryResult>, DbErr> {
        let again = again(&statement);
        let mut lease = self.primary.acquire().await?;
        let answer = query_one(&mut lease, statement).await;
        match (answer, again) {
            (Err(error), Some(again)) if is_stale(&lease, &error) => {
                drop(lease);
                query_one(&mut self.primary.acquire().await?, again).await
            }
            (answer, _) => answer,
        }
    }

    /// Runs a statement for all its rows.
    pub(crate) async fn query_all(&self, statement: Prepared) -> Result<Vec<QueryResult>, DbErr> {
        let again = again(&statement);
        let mut lease = self.primary.acquire().await?;
        let answer = query_all(&mut lease, statement).await;
        match (answer, again) {
            (Err(error), Some(again)) if is_stale(&lease, &error) => {
                drop(lease);
                query_all(&mut self.primary.acquire().await?, again).await
            }
            (answer, _) => answer,
        }
    }

    /// Borrows a connection that a transaction may have for itself.
    pub(crate) async fn borrow(&self) -> Result<Lease<D>, DbErr> {
        self.primary.acquire().await
    }

    /// Says whether a table exists where names without a schema are looked up.
    pub(crate) async fn has_table(&self, backend: DbBackend, name: &str) -> Result<bool, DbErr> {
        let statement = Statement::from_sql_and_values(backend, D::HAS_TABLE, [name.into()]);
        self.query_one(statement.into())
            .await
            .map(|row| row.is_some())
    }

    /// Asks for a sign of life.
    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        let statement = Statement::from_string(DbBackend::Postgres, "SELECT 1");
        self.query_one(statement.into()).await.map(drop)
    }

    /// Says whether all connections are in use and take turns.
    pub(crate) fn is_turning(&self) -> bool {
        self.primary.is_turning()
    }

    /// Waits for statements in flight and closes all connections.
    pub(crate) async fn close(&self) {
        self.primary.close().await;
    }
}

/// A copy of a statement that may run twice, because it only reads.
fn again(statement: &Prepared) -> Option<Prepared> {
    (statement.operation == Operation::Select).then(|| statement.clone())
}

/// Says whether a statement failed because its connection had died at rest, which the next one has not.
fn is_stale<D: Driver>(lease: &Lease<D>, error: &DbErr) -> bool {
    lease.has_rested() && lease.is_lost() && Symptom::of(error) == Symptom::Gone
}
