//! Transactions on one borrowed connection, whatever the engine. Savepoints are plain statements.

use std::sync::Arc;

use sea_orm::DbErr;
use sqlx::Database;
use sqlx_core::transaction::TransactionManager;
use tokio::runtime::Handle;

use super::{
    Driver,
    statements::{self, within},
};
use crate::{pool::Lease, transaction::Begin};

type Manager<D> = <<D as Driver>::Database as Database>::TransactionManager;

/// Begins a transaction.
pub(crate) async fn begin<D: Driver>(lease: &mut Lease<D>, begin: &Begin) -> Result<(), DbErr> {
    if Manager::<D>::get_transaction_depth(lease) > 0 {
        rollback(lease, begin).await?;
    }
    let text = lease.connector().begin(begin);
    let bound = statements::begin(lease).await?;
    let answer = within(bound, Manager::<D>::begin(lease, Some(text))).await;
    statements::end(lease, answer)
}

/// Commits the transaction.
pub(crate) async fn commit<D: Driver>(lease: &mut Lease<D>, begin: &Begin) -> Result<(), DbErr> {
    lift(lease, begin).await?;
    let bound = statements::begin(lease).await?;
    let answer = within(bound, Manager::<D>::commit(lease)).await;
    statements::end(lease, answer)
}

/// Undoes the transaction. A connection that cannot is not given back.
pub(crate) async fn rollback<D: Driver>(lease: &mut Lease<D>, begin: &Begin) -> Result<(), DbErr> {
    let mut outcome = undo(lease, begin).await;
    if outcome.is_err() && !lease.is_lost() {
        // SQLite undoes a transaction by itself when its disk is full, and then has none that could be rolled back, while
        // the driver counts one. A database in memory would go with its connection.
        let empty = Arc::new("BEGIN".to_owned());
        if statements::execute_unprepared(lease, empty).await.is_ok() {
            outcome = undo(lease, begin).await;
        }
    }
    if outcome.is_err() && !lease.is_lost() {
        lease.lose();
    }
    outcome
}

async fn undo<D: Driver>(lease: &mut Lease<D>, begin: &Begin) -> Result<(), DbErr> {
    lift(lease, begin).await?;
    let bound = statements::begin(lease).await?;
    let answer = within(bound, Manager::<D>::rollback(lease)).await;
    statements::end(lease, answer)
}

/// Undoes without waiting for the result; what is sent to the connection next comes after it. With a lost connection,
/// the server undoes by itself.
pub(crate) fn abandon<D: Driver>(mut lease: Lease<D>, begin: Begin) {
    if lease.is_lost() {
        return;
    }
    if lease.connector().lift(&begin).is_some()
        && let Ok(runtime) = Handle::try_current()
    {
        runtime.spawn(async move { rollback(&mut lease, &begin).await.is_ok() });
        return;
    }
    leave(&mut lease);
}

/// Sends the rollback on its way. With a lost connection, the server undoes by itself.
pub(super) fn leave<D: Driver>(lease: &mut Lease<D>) {
    if !lease.is_lost() {
        Manager::<D>::start_rollback(lease);
        // nobody knows when it is over, so the connection is asked before it goes back
        lease.start();
    }
}

async fn lift<D: Driver>(lease: &mut Lease<D>, begin: &Begin) -> Result<(), DbErr> {
    match lease.connector().lift(begin) {
        Some(text) => statements::execute_unprepared(lease, Arc::new(text.to_owned()))
            .await
            .map(drop),
        None => Ok(()),
    }
}
