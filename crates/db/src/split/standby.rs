//! Connections to replicas.

use std::{future::Future, sync::Arc, time::Duration};

use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr};
use sqlx::SqlStr;

use super::{
    cluster::Cluster, moment::Moment, position::Position, replica::Replica, samples::Standing,
};
use crate::{driver::Driver, pool::Connect, rows::Queue, statement::Prepared, transaction::Begin};

/// What an engine tells about replication.
pub(crate) trait Replicated: Driver {
    /// What makes a session refuse to write.
    const READ_ONLY: &'static str;

    /// Where the primary stands; `None` when it has no positions, or is no primary (any more).
    fn standing(
        &self,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<Option<Standing>>> + Send;

    /// How far a replica has replayed; `None` when it is no replica.
    fn replayed(
        &self,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<Option<Position>>> + Send;
}

/// Opens connections to one replica, for reading only, each with a look at how far the replica is.
///
/// A replica that was restarted may have other data than before, and cannot be reached but over a new connection. So no
/// connection is lent before it is known that what was learned over older ones still holds.
pub(crate) struct Standby<D> {
    pub(super) driver: D,
    pub(super) cluster: Arc<Cluster>,
    /// Which one.
    pub(super) index: usize,
}

impl<D> Standby<D> {
    pub(super) fn replica(&self) -> &Replica {
        &self.cluster.replicas()[self.index]
    }
}

/// What a server is told that should be a replica and is none.
pub(super) const NO_REPLICA: &str =
    "it is no replica: it replays nothing of another server, or does not record what (GTIDs)";

impl<D: Replicated> Connect for Standby<D> {
    type Connection = D::Connection;

    async fn connect(&self) -> Result<D::Connection, DbErr> {
        let mut connection = self.driver.connect().await?;
        let replayed = async {
            D::execute_text(&mut connection, Arc::new(D::READ_ONLY.to_owned())).await?;
            loop {
                let asked = Moment::now();
                let Some(position) = self.driver.replayed(&mut connection).await? else {
                    return Ok(false);
                };
                if self.replica().opened(asked, &position) {
                    return Ok(true);
                }
            }
        };
        match replayed.await {
            Ok(true) => Ok(connection),
            Ok(false) => Err(DbErr::Conn(RuntimeErr::Internal(NO_REPLICA.to_owned()))),
            Err(error) => Err(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))),
        }
    }

    async fn recover(connection: &mut D::Connection) -> bool {
        D::recover(connection).await
    }

    async fn close(connection: D::Connection) {
        D::close(connection).await;
    }
}

impl<D: Replicated> Driver for Standby<D> {
    type Database = D::Database;

    const HAS_TABLE: &'static str = D::HAS_TABLE;

    const CURSORS: bool = D::CURSORS;

    fn begin(&self, begin: &Begin) -> SqlStr {
        self.driver.begin(begin)
    }

    fn lift(&self, begin: &Begin) -> Option<&'static str> {
        self.driver.lift(begin)
    }

    fn unlimit(&self) -> Option<&'static str> {
        self.driver.unlimit()
    }

    fn patient(&self, statement: Prepared) -> Prepared {
        self.driver.patient(statement)
    }

    fn prepare(statement: Prepared) -> Prepared {
        D::prepare(statement)
    }

    async fn execute(
        connection: &mut D::Connection,
        statement: Prepared,
    ) -> sqlx::Result<ExecResult> {
        D::execute(connection, statement).await
    }

    async fn execute_text(
        connection: &mut D::Connection,
        sql: Arc<String>,
    ) -> sqlx::Result<ExecResult> {
        D::execute_text(connection, sql).await
    }

    async fn query_one(
        connection: &mut D::Connection,
        statement: Prepared,
    ) -> sqlx::Result<Option<QueryResult>> {
        D::query_one(connection, statement).await
    }

    async fn query_all(
        connection: &mut D::Connection,
        statement: Prepared,
    ) -> sqlx::Result<Vec<QueryResult>> {
        D::query_all(connection, statement).await
    }

    async fn stream(
        connection: &mut D::Connection,
        statement: Prepared,
        patience: Option<Duration>,
        rows: &Queue,
    ) -> sqlx::Result<()> {
        D::stream(connection, statement, patience, rows).await
    }

    async fn check(connection: &mut D::Connection, sql: Arc<String>) -> sqlx::Result<()> {
        D::check(connection, sql).await
    }
}
