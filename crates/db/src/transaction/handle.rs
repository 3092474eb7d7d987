//! A transaction held by hand, as SeaORM's own interfaces ask for it.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult,
    Statement, TransactionError, TransactionOptions, TransactionSession, TransactionTrait,
};

use super::{Session, begin, savepoint, scope};
use crate::Db;

/// An open transaction or savepoint. Dropped without [`commit`](TransactionSession::commit), it is rolled back.
///
/// Prefer [`Db::transaction`], which cannot forget to commit; this is what SeaORM's `begin` returns.
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Transaction {
    db: Db,
    session: Arc<Session>,
    open: bool,
}

impl Transaction {
    /// Takes over a transaction that was begun on the connection.
    pub(super) fn new(db: Db, session: Arc<Session>) -> Self {
        Self {
            db,
            session,
            open: true,
        }
    }

    /// Runs a future whose statements join this transaction.
    pub(super) async fn scope<F: Future>(&self, future: F) -> F::Output {
        scope::within(Arc::clone(&self.session), future).await
    }

    /// Commits or rolls back. On failure, what is left of it is undone.
    pub(super) async fn end(mut self, commit: bool) -> Result<(), DbErr> {
        let outcome = if commit {
            self.session.commit().await
        } else {
            self.session.rollback().await
        };
        self.open = outcome.is_err();
        outcome
    }

    /// Rolls back; a failure is logged, because the caller has an error of its own to report.
    pub(super) async fn undo(self) {
        if let Err(error) = self.end(false).await {
            tracing::warn!(target: "atlas::db", %error, "a transaction was not rolled back cleanly");
        }
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
                .end(true)
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
            self.session.abandon();
        }
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl TransactionSession for Transaction {
    async fn commit(self) -> Result<(), DbErr> {
        self.end(true).await
    }

    async fn rollback(self) -> Result<(), DbErr> {
        self.end(false).await
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.session.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.session.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.session.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.session.query_all(statement).await
    }
}

/// Begins for SeaORM what [`Db::transaction`] begins for everybody else.
async fn open(
    db: &Db,
    inside: Option<&Transaction>,
    options: TransactionOptions,
) -> Result<Transaction, DbErr> {
    if options.isolation_level.is_some() || options.access_mode.is_some() {
        return Err(DbErr::BackendNotSupported {
            db: db.system(),
            ctx: "isolation level and access mode of a transaction",
        });
    }
    match inside {
        None => begin(db).await,
        Some(outer) => {
            let set = tokio::spawn(savepoint(db.clone(), Arc::clone(&outer.session)));
            set.await.unwrap_or_else(|_| {
                Err(DbErr::Custom(
                    "the runtime stopped while a savepoint was set".into(),
                ))
            })
        }
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
transaction_trait!(Transaction, transaction => &transaction.db, Some(transaction));
