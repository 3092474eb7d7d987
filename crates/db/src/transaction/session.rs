//! The one connection of a transaction, shared by all that joined it.

use std::sync::Arc;

use sea_orm::{DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::Mutex;

use crate::{
    Db,
    driver::Borrowed,
    split::Writing,
    statement::{Operation, Prepared},
};

/// A borrowed connection; it goes back to its pool when the last holder lets go.
pub(crate) struct Session {
    db: Db,
    connection: Mutex<Borrowed>,
    /// What it writes counts for those who began it when it is over.
    writing: Option<Writing>,
}

impl Session {
    /// Takes the connection.
    pub(super) fn new(db: Db, connection: Borrowed) -> Self {
        Self {
            writing: db.0.engine.writing(),
            db,
            connection: Mutex::new(connection),
        }
    }

    /// Says whether it is a connection of this database.
    pub(super) fn belongs_to(&self, db: &Db) -> bool {
        Arc::ptr_eq(&self.db.0, &db.0)
    }

    pub(crate) async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let statement = Prepared::from(statement);
        let watch = self.db.0.meters.watch(&statement);
        watch.end(self.connection.lock().await.execute(statement).await)
    }

    pub(crate) async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = Arc::new(sql.to_owned());
        let watch = self.db.0.meters.watch_text(Operation::Other, &sql);
        watch.end(self.connection.lock().await.execute_unprepared(sql).await)
    }

    pub(crate) async fn query_one(
        &self,
        statement: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        let statement = Prepared::from(statement);
        let watch = self.db.0.meters.watch(&statement);
        watch.end(self.connection.lock().await.query_one(statement).await)
    }

    pub(crate) async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let statement = Prepared::from(statement);
        let watch = self.db.0.meters.watch(&statement);
        watch.end(self.connection.lock().await.query_all(statement).await)
    }

    pub(super) async fn begin(&self) -> Result<(), DbErr> {
        self.connection.lock().await.begin().await
    }

    pub(super) async fn savepoint(&self) -> Result<(), DbErr> {
        self.connection.lock().await.savepoint().await
    }

    pub(super) async fn commit(&self) -> Result<(), DbErr> {
        let outcome = self.connection.lock().await.commit().await;
        if let Some(writing) = &self.writing {
            writing.count();
        }
        outcome
    }

    pub(super) async fn rollback(&self) -> Result<(), DbErr> {
        self.connection.lock().await.rollback().await
    }

    /// Undoes without waiting, also while a statement of another holder runs.
    pub(super) fn abandon(self: &Arc<Self>) {
        if let Ok(mut connection) = self.connection.try_lock() {
            return connection.abandon();
        }
        let session = Arc::clone(self);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { session.connection.lock().await.abandon() });
        }
    }
}
