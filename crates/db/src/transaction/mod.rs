//! Transactions: everything that runs inside one joins it by itself.
//!
//! A task-local variable carries the transaction, so that no signature has to: a use case opens it, the repositories it
//! calls use their own handle as always, and their statements run on the transaction's connection. A task *spawned*
//! inside does not inherit it. Transactions inside transactions are savepoints; they end in the order of nesting, so do
//! not run two of them concurrently inside the same outer one.

mod handle;
mod scope;
mod session;

use std::sync::Arc;

use sea_orm::DbErr;

pub use self::handle::Transaction;
pub(crate) use self::{scope::joined, session::Session};
use crate::{Db, Error};

impl Db {
    /// Runs `work` in a transaction: commits when it returns `Ok`, rolls back when it returns `Err`, panics, or is
    /// dropped half-way, as it happens to a request whose client has gone.
    ///
    /// Inside, every statement through this handle or a clone of it belongs to the transaction, and a nested call is a
    /// savepoint: its failure undoes only what it did.
    ///
    /// # Errors
    ///
    /// The error of `work`, or what kept the transaction from beginning or committing.
    pub async fn transaction<F, Fut, T, E>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let transaction = begin(self).await.map_err(Error::from)?;
        let outcome = transaction.scope(async { work().await }).await;
        match outcome {
            Ok(value) => {
                transaction.end(true).await.map_err(Error::from)?;
                Ok(value)
            }
            Err(error) => {
                transaction.undo().await;
                Err(error)
            }
        }
    }

    /// Says whether the calling code runs inside a transaction of this database.
    pub fn in_transaction(&self) -> bool {
        joined(self).is_some()
    }
}

/// Begins a transaction, or sets a savepoint when the caller is inside one already.
///
/// A caller may be dropped while `BEGIN` is on its way. The connection would then go back to the pool with a
/// transaction open in it, so a task of its own sees `BEGIN` through; its result, dropped unseen, rolls back.
pub(crate) async fn begin(db: &Db) -> Result<Transaction, DbErr> {
    let begun = match joined(db) {
        Some(session) => tokio::spawn(savepoint(db.clone(), session)),
        None => {
            let session = Arc::new(Session::new(db.clone(), db.0.engine.borrow().await?));
            let db = db.clone();
            tokio::spawn(async move {
                session.begin().await?;
                Ok(Transaction::new(db, session))
            })
        }
    };
    begun.await.unwrap_or_else(|_| {
        Err(DbErr::Custom(
            "the runtime stopped while a transaction began".into(),
        ))
    })
}

/// Sets a savepoint on a connection that is in a transaction.
pub(crate) async fn savepoint(db: Db, session: Arc<Session>) -> Result<Transaction, DbErr> {
    session.savepoint().await?;
    Ok(Transaction::new(db, session))
}
