//! A transaction as those see it who joined it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::{Mutex, MutexGuard};

use super::{
    Begin, Hook,
    line::{self, Level, Line},
    shield::shield,
    text,
};
use crate::{
    Db,
    driver::{Borrowed, cursor::Cursor},
    rows::Queue,
    split::Writing,
    statement::{Operation, Prepared},
};

/// A borrowed connection; statements of all that joined take turns on it.
pub(crate) struct Session {
    db: Db,
    begin: Begin,
    line: Mutex<Line>,
    /// Rows are being read one by one.
    streaming: AtomicBool,
    /// What it writes counts for those who began it when it is over.
    writing: Option<Writing>,
}

/// The place of the running code in a transaction: the connection, and the savepoint it stands on.
#[derive(Clone)]
pub(crate) struct Joined {
    pub(super) session: Arc<Session>,
    pub(super) level: Arc<Level>,
}

/// Notes that rows are being read for as long as it lives.
struct Streaming<'a>(&'a AtomicBool);

impl<'a> Streaming<'a> {
    fn new(flag: &'a AtomicBool) -> Self {
        flag.store(true, Ordering::Release);
        Self(flag)
    }
}

impl Drop for Streaming<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Session {
    /// Takes the connection; nothing is begun yet.
    pub(super) fn new(db: Db, connection: Borrowed, begin: Begin) -> Self {
        let backend = db.0.engine.backend();
        Self {
            writing: if begin.read_only {
                None
            } else {
                db.0.engine.writing()
            },
            db,
            begin,
            line: Mutex::new(Line::new(connection, begin, backend)),
            streaming: AtomicBool::new(false),
        }
    }

    /// Says whether it is a connection of this database.
    pub(super) fn belongs_to(&self, db: &Db) -> bool {
        Arc::ptr_eq(&self.db.0, &db.0)
    }

    /// Rolls back what was left open, without waiting when nobody uses the connection.
    fn tidy(&self, level: &Arc<Level>) {
        if let Ok(mut line) = self.line.try_lock()
            && line.is_outermost(level)
        {
            line.abandon();
        }
    }
}

impl Joined {
    pub(super) fn db(&self) -> &Db {
        &self.session.db
    }

    pub(crate) async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let statement = Prepared::from(statement);
        let watch = self.db().watch(&statement);
        watch.end(watch.within(self.run_execute(statement)).await)
    }

    pub(crate) async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = Arc::new(sql.to_owned());
        let watch = self.db().watch_text(&sql);
        watch.end(watch.within(self.run_unprepared(sql)).await)
    }

    pub(crate) async fn query_one(
        &self,
        statement: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        let statement = Prepared::from(statement);
        let watch = self.db().watch(&statement);
        watch.end(watch.within(self.run_query_one(statement)).await)
    }

    pub(crate) async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let statement = Prepared::from(statement);
        let watch = self.db().watch(&statement);
        watch.end(watch.within(self.run_query_all(statement)).await)
    }

    /// Runs a statement and passes its rows on one by one. Without cursors, nothing else can run in the transaction meanwhile.
    pub(crate) async fn stream(&self, statement: Prepared, rows: &Queue) -> Result<(), DbErr> {
        let reads = statement.operation == Operation::Select;
        if reads && self.db().get_database_backend() == DbBackend::Postgres {
            return self.stream_by_cursor(Cursor::of(statement), rows).await;
        }
        let mut line = self.enter(statement.operation, &statement.sql).await?;
        if reads {
            line.forgive();
        }
        let _streaming = Streaming::new(&self.session.streaming);
        let answer = line.connection()?.stream(statement, rows).await;
        line.finish(answer)
    }

    async fn stream_by_cursor(&self, cursor: Cursor, rows: &Queue) -> Result<(), DbErr> {
        self.run_execute(cursor.declare.clone()).await?;
        loop {
            let found = self.run_query_all(cursor.fetch()).await?;
            let last = Cursor::is_last(found.len());
            for row in found {
                rows.send(row).await;
            }
            if last {
                break;
            }
        }
        self.run_unprepared(cursor.close).await.map(drop)
    }

    async fn run_execute(&self, statement: Prepared) -> Result<ExecResult, DbErr> {
        let mut line = self.enter(statement.operation, &statement.sql).await?;
        let answer = line.connection()?.execute(statement).await;
        line.finish(answer)
    }

    async fn run_unprepared(&self, sql: Arc<String>) -> Result<ExecResult, DbErr> {
        let mut line = self.enter(Operation::Other, &sql).await?;
        let answer = line.connection()?.execute_unprepared(sql).await;
        line.finish(answer)
    }

    async fn run_query_one(&self, statement: Prepared) -> Result<Option<QueryResult>, DbErr> {
        let mut line = self.enter(statement.operation, &statement.sql).await?;
        let answer = line.connection()?.query_one(statement).await;
        line.finish(answer)
    }

    async fn run_query_all(&self, statement: Prepared) -> Result<Vec<QueryResult>, DbErr> {
        let mut line = self.enter(statement.operation, &statement.sql).await?;
        let answer = line.connection()?.query_all(statement).await;
        line.finish(answer)
    }

    /// Waits for the connection to run a statement on it.
    async fn enter(&self, operation: Operation, sql: &str) -> Result<MutexGuard<'_, Line>, DbErr> {
        text::allowed(operation, sql, self.db().get_database_backend())?;
        // who waits for the stream's end may be the very one who takes its rows
        if self.session.streaming.load(Ordering::Acquire) {
            return Err(DbErr::Custom(
                "a stream reads on the connection of this transaction: take its rows to the end, or drop it, before the \
                 next statement"
                    .into(),
            ));
        }
        loop {
            let mut line = self.session.line.lock().await;
            if !line.is_littered() {
                line.check(&self.level)?;
                line.start();
                return Ok(line);
            }
            drop(line);
            let session = Arc::clone(&self.session);
            shield(async move { session.line.lock().await.sweep().await }).await;
        }
    }

    /// Begins the transaction itself.
    pub(super) async fn begin(self) -> Result<(), DbErr> {
        let mut line = self.session.line.lock().await;
        let begin = self.session.begin;
        if let Err(error) = line.connection()?.begin(&begin).await {
            line.let_go();
            return Err(error);
        }
        line.open(self.level);
        Ok(())
    }

    /// Sets the savepoint of `level` inside of this one.
    pub(super) async fn savepoint(self, level: Arc<Level>) -> Result<(), DbErr> {
        let mut line = self.session.line.lock().await;
        if line.is_littered() {
            line.sweep().await;
        }
        line.check(&self.level)?;
        let savepoint = line::savepoint(line.depth());
        let answer = line.connection()?.execute_unprepared(savepoint).await;
        line.finish(answer)?;
        line.open(level);
        Ok(())
    }

    /// Says whether a transaction inside of this one can keep its promises.
    pub(super) fn covers(&self, nested: &Begin) -> bool {
        self.session.begin.covers(nested)
    }

    /// Ends this level for good; returns the hooks that are due.
    pub(super) async fn commit(self) -> Result<Vec<Hook>, DbErr> {
        let mut line = self.session.line.lock().await;
        if line.is_littered() {
            line.sweep().await;
        }
        let outcome = line.commit(&self.level).await;
        if let Some(writing) = &self.session.writing {
            writing.count();
        }
        outcome
    }

    /// Undoes this level.
    pub(super) async fn rollback(self) -> Result<(), DbErr> {
        self.session.line.lock().await.rollback(&self.level).await
    }

    /// Says whether the whole transaction lost against another one.
    pub(super) async fn lost_a_conflict(&self) -> bool {
        self.session.line.lock().await.lost_a_conflict()
    }

    /// Notes that nobody will end this level; what is left of it is undone before anything else happens.
    pub(super) fn leave(&self) {
        self.level.leave();
        self.session.tidy(&self.level);
    }
}
