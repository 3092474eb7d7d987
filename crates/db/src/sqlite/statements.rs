//! Statements of the ORM on one connection.

use std::sync::Arc;

use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Executor, Sqlite, query::Query};

use super::{SqliteLease, limit::inlined};
use crate::statement::Prepared;

/// Runs a statement for its effect.
pub(crate) async fn execute(
    lease: &mut SqliteLease,
    statement: Prepared,
) -> sqlx::Result<ExecResult> {
    lease.start();
    let answer = query(statement).execute(&mut **lease).await;
    lease.finish();
    answer.map(Into::into)
}

/// Runs SQL text as it is, several statements included.
pub(crate) async fn execute_unprepared(
    lease: &mut SqliteLease,
    sql: Arc<String>,
) -> sqlx::Result<ExecResult> {
    lease.start();
    let answer = (&mut **lease).execute(AssertSqlSafe(sql)).await;
    lease.finish();
    answer.map(Into::into)
}

/// Runs a statement for its first row.
pub(crate) async fn query_one(
    lease: &mut SqliteLease,
    statement: Prepared,
) -> sqlx::Result<Option<QueryResult>> {
    lease.start();
    let answer = query(statement).fetch_optional(&mut **lease).await;
    lease.finish();
    answer.map(|row| row.map(Into::into))
}

/// Runs a statement for all its rows.
pub(crate) async fn query_all(
    lease: &mut SqliteLease,
    statement: Prepared,
) -> sqlx::Result<Vec<QueryResult>> {
    lease.start();
    let answer = query(statement).fetch_all(&mut **lease).await;
    lease.finish();
    Ok(answer?.into_iter().map(Into::into).collect())
}

/// The ORM's word for a failed statement.
pub(crate) fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// Moves text and values into the driver's query; the text was built from typed parts and its values are bound.
fn query(statement: Prepared) -> Query<'static, Sqlite, SqlxValues> {
    let Prepared { sql, values, .. } = inlined(statement);
    sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values))
}
