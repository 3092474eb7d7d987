//! Results of any size, row by row, in as much memory as a few rows need.

use std::{
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use futures_core::Stream;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryResult, QueryTrait, Select,
    Statement,
};

use crate::{Db, Error, Result, meters::Watch, statement::Prepared, transaction::joined};

/// How many rows are read ahead of the one that is taken.
const AHEAD: usize = 32;

/// The rows of a result, read as they are taken: a stream, and a method [`next`](Self::next) for those who have no crate
/// for streams at hand.
///
/// It holds a connection from the first row to the last. Dropped before, it gives the connection back as soon as that is
/// free of the rest, or closes it when this takes too long.
#[must_use = "nothing is read before the first row is asked for"]
pub struct Rows<T> {
    /// What reads ahead; nothing when it has come to its end.
    reader: Option<Reader>,
    queue: Arc<Queue>,
    read: fn(&QueryResult) -> Result<T, DbErr>,
}

type Reader = Pin<Box<dyn Future<Output = Result<(), DbErr>> + Send>>;

/// Rows on their way from the connection to who takes them.
#[derive(Default)]
pub(crate) struct Queue {
    rows: Mutex<VecDeque<QueryResult>>,
    /// A row was passed on.
    used: AtomicBool,
}

impl Queue {
    /// Passes a row on, and waits while enough of them lie there. Who takes them drives the sender, so nobody has to be
    /// woken.
    pub(crate) async fn send(&self, row: QueryResult) {
        self.used.store(true, Ordering::Release);
        self.rows().push_back(row);
        poll_fn(|_| match self.rows().len() < AHEAD {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    /// Says whether a row was passed on already, so that reading anew would pass it on twice.
    pub(crate) fn is_used(&self) -> bool {
        self.used.load(Ordering::Acquire)
    }

    fn take(&self) -> Option<QueryResult> {
        self.rows().pop_front()
    }

    fn rows(&self) -> std::sync::MutexGuard<'_, VecDeque<QueryResult>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Db {
    /// The rows of a query, one by one, in constant memory however many they are.
    ///
    /// Outside of a transaction, a replica may answer as it may any other read; when it goes away before the first row,
    /// another server is asked, and afterwards the rows end with an error. What takes minutes is better read
    /// [on the primary](Self::on_primary): a replica of PostgreSQL breaks off reads that stand in the way of its replay.
    ///
    /// Inside a transaction they are read in it. On PostgreSQL they are read by a cursor, outside of a transaction in one
    /// of its own. On the other engines the connection is busy with them: inside a transaction, another statement between
    /// two rows is refused.
    ///
    /// It is one statement to spans and metrics, whose duration is the time to its first row.
    ///
    /// ```
    /// # use atlas_db::{Db, DbConfig, sea_orm::{self, ConnectionTrait, entity::prelude::*}};
    /// # mod tea {
    /// #     use atlas_db::sea_orm::{self, entity::prelude::*};
    /// #     #[derive(Clone, Debug, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "teas")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub name: String }
    /// #     #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    /// #     pub enum Relation {}
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::new(&DbConfig::at("sqlite::memory:"))?;
    /// # db.execute_unprepared("CREATE TABLE teas (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").await?;
    /// # db.execute_unprepared("INSERT INTO teas (name) VALUES ('sencha'), ('oolong')").await?;
    /// let mut teas = db.stream(tea::Entity::find());
    /// let mut letters = 0;
    /// while let Some(tea) = teas.next().await {
    ///     letters += tea?.name.len();
    /// }
    /// assert_eq!(letters, 12);
    /// # Ok(()) }
    /// ```
    pub fn stream<E: EntityTrait>(&self, select: Select<E>) -> Rows<E::Model> {
        self.stream_as(select.build(self.get_database_backend()))
    }

    /// The rows of any statement, one by one, each as a `T`.
    pub fn stream_as<T: FromQueryResult>(&self, statement: Statement) -> Rows<T> {
        let queue = Arc::new(Queue::default());
        let reader = read(self.clone(), statement, Arc::clone(&queue));
        Rows {
            reader: Some(Box::pin(reader)),
            queue,
            read: |row| T::from_query_result(row, ""),
        }
    }
}

impl<T> Rows<T> {
    /// The next row, or nothing after the last one. After an error there is nothing either.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|ctx| self.poll(ctx)).await
    }

    fn poll(&mut self, ctx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(row) = self.queue.take() {
                return Poll::Ready(Some((self.read)(&row).map_err(Error::from)));
            }
            let Some(reader) = &mut self.reader else {
                return Poll::Ready(None);
            };
            match reader.as_mut().poll(ctx) {
                Poll::Ready(end) => {
                    self.reader = None;
                    if let Err(error) = end {
                        // the rows before the failure come first
                        let rest = Arc::clone(&self.queue);
                        if rest.rows().is_empty() {
                            return Poll::Ready(Some(Err(error.into())));
                        }
                        self.reader = Some(Box::pin(std::future::ready(Err(error))));
                    }
                }
                Poll::Pending if self.queue.rows().is_empty() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
    }
}

impl<T> Stream for Rows<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.poll(ctx)
    }
}

impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}

/// Reads the rows of a statement into the queue.
async fn read(db: Db, statement: Statement, queue: Arc<Queue>) -> Result<(), DbErr> {
    let statement = Prepared::from(statement);
    let watch = db.watch(&statement);
    match joined(&db) {
        Some(session) => {
            let work = watch.within(session.stream(statement, &queue));
            measured(watch, &queue, work).await
        }
        None => {
            let work = watch.within(db.0.engine.stream(statement, &queue));
            measured(watch, &queue, work).await
        }
    }
}

/// Counts a statement as done when its first row is there; how long the others take is up to who takes them.
async fn measured(
    watch: Watch<'_>,
    queue: &Queue,
    work: impl Future<Output = Result<(), DbErr>>,
) -> Result<(), DbErr> {
    let mut work = pin!(work);
    let mut watch = Some(watch);
    poll_fn(|ctx| {
        let polled = work.as_mut().poll(ctx);
        let outcome = match &polled {
            Poll::Ready(outcome) => outcome.clone(),
            Poll::Pending if queue.rows().is_empty() => return Poll::Pending,
            Poll::Pending => Ok(()),
        };
        match watch.take().map(|watch| watch.end(outcome)) {
            Some(Err(error)) => Poll::Ready(Err(error)),
            _ => polled,
        }
    })
    .await
}
