//! Transactions and savepoints on one borrowed connection.

use sea_orm::DbErr;
use sqlx::{Database, SqlStr, Sqlite};
use sqlx_core::transaction::TransactionManager;

use super::{SqliteLease, statements::failed};

type Manager = <Sqlite as Database>::TransactionManager;

/// Begins a transaction.
///
/// The write lock is taken at once (`BEGIN IMMEDIATE`): a transaction that starts by reading could otherwise not become
/// a writing one when another process wrote in between, however long it waits.
pub(crate) async fn begin(lease: &mut SqliteLease, read_only: bool) -> Result<(), DbErr> {
    let begin = SqlStr::from_static(if read_only {
        "BEGIN"
    } else {
        "BEGIN IMMEDIATE"
    });
    lease.start();
    let answer = Manager::begin(lease, Some(begin)).await;
    lease.finish();
    answer.map_err(failed)
}

/// Sets a savepoint inside a transaction.
pub(crate) async fn savepoint(lease: &mut SqliteLease) -> Result<(), DbErr> {
    lease.start();
    let answer = Manager::begin(lease, None).await;
    lease.finish();
    answer.map_err(failed)
}

/// Commits the transaction, or releases the latest savepoint.
pub(crate) async fn commit(lease: &mut SqliteLease) -> Result<(), DbErr> {
    lease.start();
    let answer = Manager::commit(lease).await;
    lease.finish();
    answer.map_err(failed)
}

/// Undoes the transaction, or what followed the latest savepoint.
pub(crate) async fn rollback(lease: &mut SqliteLease) -> Result<(), DbErr> {
    lease.start();
    let answer = Manager::rollback(lease).await;
    lease.finish();
    answer.map_err(failed)
}

/// Undoes without waiting for the result; what is sent to the connection next comes after it.
pub(crate) fn abandon(lease: &mut SqliteLease) {
    Manager::start_rollback(lease);
    // until the next statement is over, nobody knows whether this one is
    lease.start();
}
