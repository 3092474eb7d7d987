//! How a handle runs work in a transaction.

use std::{future::Future, sync::Arc};

use sea_orm::DbErr;
use tokio::time::sleep;
use tracing::{Instrument, field::Empty};

use super::{
    Begin, Hook, Joined, Outcome, Session, Transaction, TransactionOptions, joined, retry, scope,
    shield::shield,
};
use crate::{Db, Error, symptom::Symptom};

/// How many connections that turn out to be dead are tried, at most, before `BEGIN` is said to have failed.
const DEAD_CONNECTIONS: usize = 16;

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
        let transaction = begin(self, Begin::default()).await.map_err(Error::from)?;
        attempt(transaction, Box::pin(async { work().await }))
            .await
            .map_err(|lost| lost.error)
    }

    /// Runs `work` in a transaction as [`transaction`](Self::transaction) does, with an isolation level, for reading only,
    /// or with another number of retries.
    ///
    /// When the transaction loses against another one (a serialization failure, a deadlock, SQLite's write lock held by
    /// another process), it is rolled back and `work` runs again from its start, after a pause that grows and varies. What
    /// `work` does besides the database must therefore bear to be done twice, or wait in
    /// [`after_commit`](Self::after_commit). Inside another transaction it is a savepoint, and nothing is retried but by
    /// the outermost one: that is what the engine has undone.
    ///
    /// ```
    /// # use atlas_db::{Db, DbConfig, Error, IsolationLevel, TransactionOptions, sea_orm::ConnectionTrait};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::new(&DbConfig::at("sqlite::memory:"))?;
    /// # db.execute_unprepared("CREATE TABLE seats (taken INTEGER)").await?;
    /// let options = TransactionOptions::new().isolation(IsolationLevel::Serializable).retries(5);
    /// db.transaction_with(options, || async {
    ///     db.execute_unprepared("INSERT INTO seats VALUES (1)").await?;
    ///     Ok::<_, Error>(())
    /// })
    /// .await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`transaction`](Self::transaction); after the last retry, the error of the conflict. Inside a transaction that
    /// does not promise as much as is asked for, an error that [`is_unsupported`](Error::is_unsupported).
    pub async fn transaction_with<F, Fut, T, E>(
        &self,
        options: TransactionOptions,
        mut work: F,
    ) -> Result<T, E>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let mut retries = if self.in_transaction() {
            0
        } else {
            options.retries
        };
        let mut failed = 0;
        loop {
            let lost = match begin(self, options.begin).await {
                Ok(transaction) => {
                    match attempt(transaction, Box::pin(async { work().await })).await {
                        Ok(value) => return Ok(value),
                        Err(lost) => lost,
                    }
                }
                Err(error) => Lost::of(error),
            };
            if !lost.conflict || retries == 0 {
                return Err(lost.error);
            }
            retries -= 1;
            failed += 1;
            tracing::debug!(target: "atlas::db", attempt = failed, "a transaction lost a conflict and is run again");
            sleep(retry::pause(failed)).await;
        }
    }

    /// Leaves something to do once the running transaction is committed: a message to send, a cache to clear.
    ///
    /// It is done exactly once, after the commit of the *outermost* transaction and before that call returns, in the order
    /// in which hooks were left. A rollback forgets it, also one of a savepoint that it was left in. Outside of a
    /// transaction it is done at once. A hook that fails or panics is logged; the commit stands.
    ///
    /// ```
    /// # use atlas_db::{Db, DbConfig, Error, sea_orm::ConnectionTrait};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::new(&DbConfig::at("sqlite::memory:"))?;
    /// # db.execute_unprepared("CREATE TABLE orders (id INTEGER)").await?;
    /// # async fn send(_: &str) {}
    /// db.transaction(|| async {
    ///     db.execute_unprepared("INSERT INTO orders VALUES (1)").await?;
    ///     db.after_commit(|| async { send("thank you for your order").await }).await;
    ///     Ok::<_, Error>(())
    /// })
    /// .await?;
    /// # Ok(()) }
    /// ```
    pub async fn after_commit<F, Fut>(&self, hook: F)
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        let hook = Hook::new(hook);
        match joined(self) {
            Some(place) => place.level.push(hook),
            None => hook.run().await,
        }
    }

    /// Says whether the calling code runs inside a transaction of this database.
    pub fn in_transaction(&self) -> bool {
        joined(self).is_some()
    }

    /// Runs `work` outside of the transaction that the calling code is inside of: what it writes stands whatever becomes of
    /// that, and it sees nothing of what that has not committed yet.
    ///
    /// It needs a second connection while the transaction keeps the first. On SQLite, where one connection writes, it can
    /// only read: to write there waits for a transaction that waits for it, and fails with the acquire timeout.
    ///
    /// ```
    /// # use atlas_db::{Db, DbConfig, Error};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::new(&DbConfig::at("sqlite::memory:"))?;
    /// db.transaction(|| async {
    ///     assert!(db.in_transaction());
    ///     assert!(!db.outside(async { db.in_transaction() }).await);
    ///     Ok::<_, Error>(())
    /// })
    /// .await?;
    /// # Ok(()) }
    /// ```
    pub async fn outside<F: Future>(&self, work: F) -> F::Output {
        scope::without(self, work).await
    }
}

/// A failed attempt.
struct Lost<E> {
    error: E,
    /// Another transaction came first; the same work may succeed when it is run again.
    conflict: bool,
    /// It may be committed all the same.
    unknown: bool,
}

impl<E: From<Error>> Lost<E> {
    /// What `BEGIN` or `COMMIT` failed with.
    fn of(error: DbErr) -> Self {
        let conflict = is_conflict(&error);
        let error = Error::from(error);
        Self {
            conflict,
            unknown: error.is_commit_unknown(),
            error: error.into(),
        }
    }
}

/// Runs work in a transaction that was begun, and ends it, inside of a span.
///
/// The work comes in a box: transactions inside of transactions would otherwise add up to a future that no stack holds.
async fn attempt<T, E: From<Error>>(
    transaction: Transaction,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Lost<E>> {
    let db = transaction.db();
    let span = tracing::debug_span!(
        target: "atlas::db",
        "db.transaction",
        "otel.name" = "transaction",
        "otel.kind" = "internal",
        "db.system.name" = db.system(),
        "db.namespace" = db.0.meters.namespace(),
        "atlas.transaction.outcome" = Empty,
    );
    let outcome = finish(transaction, work).instrument(span.clone()).await;
    let words = match &outcome {
        Ok(_) => "committed",
        Err(lost) if lost.unknown => "unknown",
        Err(_) => "rolled_back",
    };
    span.record("atlas.transaction.outcome", words);
    outcome
}

async fn finish<T, E: From<Error>>(
    transaction: Transaction,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Lost<E>> {
    match transaction.scope(work).await {
        Ok(value) => match transaction.end().await {
            Ok(()) => Ok(value),
            Err(error) => Err(Lost::of(error)),
        },
        Err(error) => {
            let conflict = transaction.lost_a_conflict().await;
            transaction.undo().await;
            Err(Lost {
                error,
                conflict,
                unknown: false,
            })
        }
    }
}

fn is_conflict(error: &DbErr) -> bool {
    matches!(Symptom::of(error), Symptom::Conflict | Symptom::Locked)
}

/// Begins a transaction, or sets a savepoint when the caller is inside one already.
///
/// A caller may be dropped while `BEGIN` is on its way. The connection would then go back to the pool with a
/// transaction open in it, so `BEGIN` is seen through, and then rolled back.
pub(crate) async fn begin(db: &Db, begin: Begin) -> Result<Transaction, DbErr> {
    if let Some(outer) = joined(db) {
        return savepoint(outer, begin).await;
    }
    let mut dead = 0;
    loop {
        let connection = db.0.engine.borrow(&begin).await?;
        let place = Joined {
            session: Arc::new(Session::new(db.clone(), connection, begin)),
            level: Arc::default(),
        };
        let transaction = Transaction::new(place.clone());
        match shield(place.begin()).await {
            Ok(()) => return Ok(transaction),
            // nothing was done yet that could be done twice
            Err(error) if Symptom::of(&error) == Symptom::Gone && dead < DEAD_CONNECTIONS => {
                dead += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Sets a savepoint on a connection that is in a transaction.
pub(crate) async fn savepoint(outer: Joined, begin: Begin) -> Result<Transaction, DbErr> {
    if !outer.covers(&begin) {
        return Err(DbErr::BackendNotSupported {
            db: outer.db().system(),
            ctx: "a transaction inside another one that is more isolated, or that only reads while the outer one writes; \
                  ask for it where the outer one begins",
        });
    }
    let level = Arc::default();
    let transaction = Transaction::new(Joined {
        session: Arc::clone(&outer.session),
        level: Arc::clone(&level),
    });
    shield(outer.savepoint(level)).await?;
    Ok(transaction)
}
