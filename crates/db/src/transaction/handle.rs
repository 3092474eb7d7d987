//! A transaction held by hand, as SeaORM's own interfaces ask for it.

use std::{fmt, future::Future, pin::Pin};

use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult,
    Statement, TransactionError, TransactionOptions, TransactionSession, TransactionTrait,
};

use super::{Hook, Joined, Outcome, begin, hooks, savepoint, scope, shield::shield};
use crate::Db;

/// An open transaction or savepoint. Dropped without [`commit`](TransactionSession::commit), it is rolled back.
///
/// Prefer [`Db::transaction`], which cannot forget to commit; this is what SeaORM's `begin` returns.
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Transaction {
    place: Joined,
    open: bool,
}

impl Transaction {
    /// Looks after a level that is about to be begun: from now on, going away rolls back.
    pub(super) fn new(place: Joined) -> Self {
        Self { place, open: true }
    }

    /// Leaves something to do once the outermost transaction is committed, as [`Db::after_commit`] does.
    pub fn after_commit<F, Fut>(&self, hook: F)
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.place.level.push(Hook::new(hook));
    }

    /// The database it is of.
    pub(super) fn db(&self) -> &Db {
        self.place.db()
    }

    /// Runs a future whose statements join this transaction.
    pub(super) async fn scope<F: Future>(&self, future: F) -> F::Output {
        scope::within(self.place.clone(), future).await
    }

    /// Commits, and then does what was left to be done after it. On failure, what is left of it is undone.
    pub(super) async fn end(mut self) -> Result<(), DbErr> {
        let place = self.place.clone();
        let outcome = shield(async move {
            let due = place.commit().await?;
            hooks::run(due).await;
            Ok(())
        });
        let outcome = outcome.await;
        self.open = outcome.is_err();
        outcome
    }

    /// Rolls back.
    async fn take_back(mut self) -> Result<(), DbErr> {
        let outcome = shield(self.place.clone().rollback()).await;
        self.open = outcome.is_err();
        outcome
    }

    /// Rolls back; a failure is logged, because the caller has an error of its own to report.
    pub(super) async fn undo(self) {
        if let Err(error) = self.take_back().await {
            tracing::warn!(target: "atlas::db", %error, "a transaction was not rolled back cleanly");
        }
    }

    /// Says whether it failed because another transaction came first, so that the same work may succeed when run again.
    pub(super) async fn lost_a_conflict(&self) -> bool {
        self.place.lost_a_conflict().await
    }

    async fn run<F, T, E>(self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c Self) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        match self.scope(callback(&self)).await {
            Ok(value) => self
                .end()
                .await
                .map(|()| value)
                .map_err(TransactionError::Connection),
            Err(error) => {
                self.undo().await;
                Err(TransactionError::Transaction(error))
            }
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.open {
            self.place.leave();
        }
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("db", self.place.db())
            .finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl TransactionSession for Transaction {
    async fn commit(self) -> Result<(), DbErr> {
        self.end().await
    }

    async fn rollback(self) -> Result<(), DbErr> {
        self.take_back().await
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.place.db().get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.place.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.place.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.place.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.place.query_all(statement).await
    }
}

/// Begins for SeaORM what [`Db::transaction`] begins for everybody else.
async fn open(
    db: &Db,
    outer: Option<&Transaction>,
    options: TransactionOptions,
) -> Result<Transaction, DbErr> {
    match outer {
        None => begin(db, options.into()).await,
        Some(outer) => savepoint(outer.place.clone(), options.into()).await,
    }
}

macro_rules! transaction_trait {
    ($type:ty, $this:ident => $db:expr, $inside:expr) => {
        #[async_trait::async_trait]
        impl TransactionTrait for $type {
            type Transaction = Transaction;

            async fn begin(&self) -> Result<Transaction, DbErr> {
                let $this = self;
                open($db, $inside, TransactionOptions::default()).await
            }

            async fn begin_with_config(
                &self,
                isolation_level: Option<IsolationLevel>,
                access_mode: Option<AccessMode>,
            ) -> Result<Transaction, DbErr> {
                let $this = self;
                let options = TransactionOptions {
                    isolation_level,
                    access_mode,
                    ..Default::default()
                };
                open($db, $inside, options).await
            }

            async fn begin_with_options(
                &self,
                options: TransactionOptions,
            ) -> Result<Transaction, DbErr> {
                let $this = self;
                open($db, $inside, options).await
            }

            async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
            where
                F: for<'c> FnOnce(
                        &'c Transaction,
                    )
                        -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
                    + Send,
                T: Send,
                E: fmt::Display + fmt::Debug + Send,
            {
                TransactionTrait::begin(self)
                    .await
                    .map_err(TransactionError::Connection)?
                    .run(callback)
                    .await
            }

            async fn transaction_with_config<F, T, E>(
                &self,
                callback: F,
                isolation_level: Option<IsolationLevel>,
                access_mode: Option<AccessMode>,
            ) -> Result<T, TransactionError<E>>
            where
                F: for<'c> FnOnce(
                        &'c Transaction,
                    )
                        -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
                    + Send,
                T: Send,
                E: fmt::Display + fmt::Debug + Send,
            {
                let begun =
                    TransactionTrait::begin_with_config(self, isolation_level, access_mode).await;
                begun
                    .map_err(TransactionError::Connection)?
                    .run(callback)
                    .await
            }
        }
    };
}

transaction_trait!(Db, db => db, None);
transaction_trait!(Transaction, transaction => transaction.place.db(), Some(transaction));
