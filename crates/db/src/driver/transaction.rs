//! Transactions and savepoints on one borrowed connection, whatever the engine.

use sea_orm::DbErr;
use sqlx::{Database, SqlStr};
use sqlx_core::transaction::TransactionManager;

use super::{
    Driver,
    statements::{self, within},
};
use crate::pool::Lease;

type Manager<D> = <<D as Driver>::Database as Database>::TransactionManager;

/// Begins a transaction.
pub(crate) async fn begin<D: Driver>(lease: &mut Lease<D>) -> Result<(), DbErr> {
    let text = SqlStr::from_static(lease.connector().begin());
    let bound = statements::begin(lease).await?;
    let answer = within(bound, Manager::<D>::begin(lease, Some(text))).await;
    statements::end(lease, answer)
}

/// Sets a savepoint inside a transaction.
pub(crate) async fn savepoint<D: Driver>(lease: &mut Lease<D>) -> Result<(), DbErr> {
    let bound = statements::begin(lease).await?;
    let answer = within(bound, Manager::<D>::begin(lease, None)).await;
    statements::end(lease, answer)
}

/// Commits the transaction, or releases the latest savepoint.
pub(crate) async fn commit<D: Driver>(lease: &mut Lease<D>) -> Result<(), DbErr> {
    let bound = statements::begin(lease).await?;
    let answer = within(bound, Manager::<D>::commit(lease)).await;
    statements::end(lease, answer)
}

/// Undoes the transaction, or what followed the latest savepoint.
pub(crate) async fn rollback<D: Driver>(lease: &mut Lease<D>) -> Result<(), DbErr> {
    let bound = statements::begin(lease).await?;
    let answer = within(bound, Manager::<D>::rollback(lease)).await;
    statements::end(lease, answer)
}

/// Undoes without waiting for the result; what is sent to the connection next comes after it. With a lost connection,
/// the server undoes by itself.
pub(crate) fn abandon<D: Driver>(lease: &mut Lease<D>) {
    if !lease.is_lost() {
        Manager::<D>::start_rollback(lease);
        // until the next statement is over, nobody knows whether this one is
        lease.start();
    }
}
