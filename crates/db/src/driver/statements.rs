//! Statements of the ORM on one borrowed connection, whatever the engine.

use std::{future::Future, io, sync::Arc, time::Duration};

use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Database, IntoArguments, query::Query};
use tokio::time::timeout;

use super::{Driver, unlimited::is_unlimited};
use crate::{pool::Lease, rows::Queue, statement::Prepared, symptom::Symptom};

/// How much longer than the server the client waits for the end of a statement that may take so long.
const GRACE: Duration = Duration::from_secs(1);

/// Runs a statement for its effect.
pub(crate) async fn execute<D: Driver>(
    lease: &mut Lease<D>,
    statement: Prepared,
) -> Result<ExecResult, DbErr> {
    let bound = begin(lease).await?;
    let answer = within(bound, D::execute(lease, D::prepare(statement))).await;
    end(lease, answer)
}

/// Runs SQL text as it is, several statements included.
pub(crate) async fn execute_unprepared<D: Driver>(
    lease: &mut Lease<D>,
    sql: Arc<String>,
) -> Result<ExecResult, DbErr> {
    let bound = begin(lease).await?;
    let answer = within(bound, D::execute_text(lease, sql)).await;
    end(lease, answer)
}

/// Runs a statement for its first row.
pub(crate) async fn query_one<D: Driver>(
    lease: &mut Lease<D>,
    statement: Prepared,
) -> Result<Option<QueryResult>, DbErr> {
    let bound = begin(lease).await?;
    let answer = within(bound, D::query_one(lease, D::prepare(statement))).await;
    end(lease, answer)
}

/// Runs a statement for all its rows.
pub(crate) async fn query_all<D: Driver>(
    lease: &mut Lease<D>,
    statement: Prepared,
) -> Result<Vec<QueryResult>, DbErr> {
    let bound = begin(lease).await?;
    let answer = within(bound, D::query_all(lease, D::prepare(statement))).await;
    end(lease, answer)
}

/// Runs a statement and passes its rows on one by one, as fast as they are taken. Each of them may take as long as a
/// statement may.
pub(crate) async fn stream<D: Driver>(
    lease: &mut Lease<D>,
    statement: Prepared,
    rows: &Queue,
) -> Result<(), DbErr> {
    let bound = begin(lease).await?;
    let statement = lease.connector().patient(D::prepare(statement));
    let answer = D::stream(lease, statement, bound, rows).await;
    end(lease, answer)
}

/// Lets the engine read a statement without running it.
pub(crate) async fn check<D: Driver>(lease: &mut Lease<D>, sql: Arc<String>) -> Result<(), DbErr> {
    let bound = begin(lease).await?;
    let answer = within(bound, D::check(lease, sql)).await;
    end(lease, answer)
}

/// Notes that a statement is on its way, and says how long its answer may take. Nothing is sent over a lost connection.
pub(super) async fn begin<D: Driver>(lease: &mut Lease<D>) -> Result<Option<Duration>, DbErr> {
    if lease.is_lost() {
        return Err(failed(sqlx::Error::Io(io::Error::new(
            io::ErrorKind::NotConnected,
            "the connection was lost earlier in this transaction",
        ))));
    }
    lease.start();
    if lease.statement_timeout().is_some()
        && is_unlimited()
        && let Some(sql) = lease.connector().unlimit()
    {
        let sql = Arc::new(sql.to_owned());
        let answer = within(lease.statement_timeout(), D::execute_text(lease, sql)).await;
        end(lease, answer)?;
        lease.start();
        lease.unlimit();
    }
    Ok(lease.statement_timeout())
}

/// Notes how a statement ended. A connection that broke does not go back to the pool.
pub(super) fn end<D: Driver, T>(lease: &mut Lease<D>, answer: sqlx::Result<T>) -> Result<T, DbErr> {
    lease.finish();
    if let Err(error) = &answer
        && Symptom::of_driver(error).is_loss()
    {
        lease.lose();
    }
    answer.map_err(failed)
}

/// Waits for an answer, but not for ever on a peer that is dead and cannot say so.
pub(crate) async fn within<T>(
    bound: Option<Duration>,
    work: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let Some(bound) = bound else {
        return work.await;
    };
    let bound = bound + GRACE;
    match timeout(bound, work).await {
        Ok(answer) => answer,
        Err(_) => Err(sqlx::Error::Io(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("the database did not answer within {bound:?}"),
        ))),
    }
}

/// The ORM's word for a failed statement.
pub(crate) fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// Moves text and values into the driver's query; the text was built from typed parts and its values are bound.
pub(crate) fn query<DB: Database>(statement: Prepared) -> Query<'static, DB, SqlxValues>
where
    SqlxValues: IntoArguments<DB>,
{
    let Prepared { sql, values, .. } = statement;
    sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values))
}

/// The methods of [`Driver`] that read the same for every engine. A generic would have to repeat, at each of its users,
/// that any borrow of the engine's connection runs statements.
macro_rules! statement_methods {
    ($database:ty) => {
        async fn execute(
            connection: &mut Self::Connection,
            statement: $crate::statement::Prepared,
        ) -> sqlx::Result<sea_orm::ExecResult> {
            let query = $crate::driver::statements::query::<$database>(statement);
            query.execute(connection).await.map(Into::into)
        }

        async fn execute_text(
            connection: &mut Self::Connection,
            sql: std::sync::Arc<String>,
        ) -> sqlx::Result<sea_orm::ExecResult> {
            let answer = sqlx::Executor::execute(connection, sqlx::AssertSqlSafe(sql)).await;
            answer.map(Into::into)
        }

        async fn query_one(
            connection: &mut Self::Connection,
            statement: $crate::statement::Prepared,
        ) -> sqlx::Result<Option<sea_orm::QueryResult>> {
            let query = $crate::driver::statements::query::<$database>(statement);
            let answer = query.fetch_optional(connection).await;
            answer.map(|row| row.map(Into::into))
        }

        async fn query_all(
            connection: &mut Self::Connection,
            statement: $crate::statement::Prepared,
        ) -> sqlx::Result<Vec<sea_orm::QueryResult>> {
            let query = $crate::driver::statements::query::<$database>(statement);
            let answer = query.fetch_all(connection).await;
            Ok(answer?.into_iter().map(Into::into).collect())
        }

        async fn stream(
            connection: &mut Self::Connection,
            statement: $crate::statement::Prepared,
            patience: Option<std::time::Duration>,
            rows: &$crate::rows::Queue,
        ) -> sqlx::Result<()> {
            let query = $crate::driver::statements::query::<$database>(statement);
            let mut found = query.fetch(connection);
            loop {
                let next = std::future::poll_fn(|ctx| {
                    futures_core::Stream::poll_next(found.as_mut(), ctx).map(Option::transpose)
                });
                match $crate::driver::statements::within(patience, next).await? {
                    Some(row) => rows.send(row.into()).await,
                    None => return Ok(()),
                }
            }
        }

        async fn check(
            connection: &mut Self::Connection,
            sql: std::sync::Arc<String>,
        ) -> sqlx::Result<()> {
            let sql = sqlx::SqlSafeStr::into_sql_str(sqlx::AssertSqlSafe(sql));
            sqlx::Executor::prepare(connection, sql).await.map(drop)
        }
    };
}

pub(crate) use statement_methods;
