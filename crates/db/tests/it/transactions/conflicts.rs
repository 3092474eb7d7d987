//! Transactions that get in each other's way.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use atlas_config::Duration as Limit;
use atlas_db::{
    Db, DbConfig, Engine, Error, IsolationLevel, TransactionOptions,
    sea_orm::{ConnectionTrait, DbBackend},
};
use tempfile::TempDir;
use tokio::{sync::Barrier, time::timeout};

use super::broken;
use crate::support::{engines::on_every_engine, ids, note, value, write};

/// Makes the engine say, inside a transaction, that another one came first.
pub(crate) async fn conflict(db: &Db) -> Error {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$",
        DbBackend::MySql => "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'lost'",
        _ => return sqlite_conflict(db).await,
    };
    db.execute_unprepared(sql).await.unwrap_err().into()
}

/// SQLite gives the write lock when a transaction begins, so that only a file that was attached afterwards can change
/// between its first read and its first write.
async fn sqlite_conflict(db: &Db) -> Error {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("other.sqlite");
    let other = Db::new(&DbConfig::at(format!("sqlite://{}", file.display()))).unwrap();
    other
        .execute_unprepared("CREATE TABLE other (id INTEGER)")
        .await
        .unwrap();
    let name = format!("other_{}", next());
    let attach = format!("ATTACH DATABASE '{}' AS {name}", file.display());
    db.execute_unprepared(&attach).await.unwrap();
    assert_eq!(
        value(db, &format!("SELECT count(*) FROM {name}.other")).await,
        "0"
    );
    other
        .execute_unprepared("INSERT INTO other VALUES (1)")
        .await
        .unwrap();
    let late = format!("INSERT INTO {name}.other VALUES (2)");
    let error = db.execute_unprepared(&late).await.unwrap_err().into();
    other.close().await;
    error
}

fn next() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

async fn mark(db: &Db, id: i64, words: &str) -> Result<(), Error> {
    let sql = format!("UPDATE notes SET words = '{id} {words}' WHERE id = {id}");
    db.execute_unprepared(&sql).await?;
    Ok(())
}

/// Waits for the others, if they can come at all: on SQLite only one transaction writes at a time.
async fn meet(barrier: &Barrier) {
    let _ = timeout(Duration::from_millis(300), barrier.wait()).await;
}

on_every_engine! {
    async fn two_that_lock_each_other_out_are_both_done_in_the_end(test: TestDb) {
        note::create(&test.db).await;
        for id in [1, 2] {
            write(&test.db, id).await.unwrap();
        }
        let impatient = |config: &mut DbConfig| config.lock_timeout = Limit::from_millis(20);
        let patient = |config: &mut DbConfig| config.lock_timeout = Limit::from_secs(20);
        let sqlite = test.engine == Engine::Sqlite;
        // two handles, as two processes have; SQLite's write lock is all that they can collide over
        let (one, other) = if sqlite {
            (test.open(impatient), test.open(impatient))
        } else {
            (test.open(patient), test.open(patient))
        };
        let (barrier, attempts) = (Barrier::new(2), AtomicU32::new(0));
        let options = TransactionOptions::new().retries(20);
        let work = async |db: &Db, first: i64, second: i64, words: &str| {
            db.transaction_with(options, || async {
                attempts.fetch_add(1, Ordering::Relaxed);
                mark(db, first, words).await?;
                meet(&barrier).await;
                mark(db, second, words).await
            })
            .await
        };
        let (first, second) = tokio::join!(work(&one, 1, 2, "one"), work(&other, 2, 1, "other"));
        first.unwrap();
        second.unwrap();
        assert!(sqlite || attempts.load(Ordering::Relaxed) > 2, "one of them was chosen to fail");
        let words = value(&test.db, "SELECT words FROM notes WHERE id = 1").await;
        let other_words = value(&test.db, "SELECT words FROM notes WHERE id = 2").await;
        assert_eq!(words.split_once(' ').unwrap().1, other_words.split_once(' ').unwrap().1, "whole");
        one.close().await;
        other.close().await;
    }

    async fn serializable_transactions_leave_what_one_after_the_other_would(test: TestDb) {
        // two doctors are on call; each may leave when the other one stays
        let db = &test.db;
        note::create(db).await;
        for id in [1, 2] {
            write(db, id).await.unwrap();
        }
        let options = TransactionOptions::new().isolation(IsolationLevel::Serializable).retries(20);
        let barrier = Barrier::new(2);
        let leave = async |id: i64| {
            db.transaction_with(options, || async {
                let on_call = ids(db).await.len();
                meet(&barrier).await;
                if on_call > 1 {
                    db.execute_unprepared(&format!("DELETE FROM notes WHERE id = {id}")).await?;
                }
                Ok::<_, Error>(on_call)
            })
            .await
            .unwrap()
        };
        let (one, other) = tokio::join!(leave(1), leave(2));
        assert_eq!((one.min(other), one.max(other)), (1, 2), "the second one saw what the first had done");
        assert_eq!(ids(db).await.len(), 1);
    }

    async fn the_work_is_run_again_a_bounded_number_of_times(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        for retries in [0, 1, 3] {
            let attempts = AtomicU32::new(0);
            let options = TransactionOptions::new().retries(retries);
            let lost = db
                .transaction_with(options, || async {
                    write(db, 1).await?;
                    attempts.fetch_add(1, Ordering::Relaxed);
                    Err::<(), _>(conflict(db).await)
                })
                .await;
            let error = lost.unwrap_err();
            assert!(error.is_serialization() && error.is_transient(), "{error}");
            assert_eq!(attempts.into_inner(), retries + 1);
        }
        let attempts = AtomicU32::new(0);
        let lost = db
            .transaction(|| async {
                attempts.fetch_add(1, Ordering::Relaxed);
                Err::<(), _>(conflict(db).await)
            })
            .await;
        assert!(lost.unwrap_err().is_serialization());
        assert_eq!(attempts.into_inner(), 1, "`transaction` never does");
        assert_eq!(ids(db).await, [] as [i64; 0]);
    }

    async fn a_failure_of_its_own_is_not_tried_again(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let attempts = AtomicU32::new(0);
        let lost = db
            .transaction_with(TransactionOptions::new(), || async {
                attempts.fetch_add(1, Ordering::Relaxed);
                write(db, 1).await?;
                Err::<(), _>(broken())
            })
            .await;
        assert_eq!(lost.unwrap_err().to_string(), "broken");
        assert_eq!(attempts.into_inner(), 1);
    }

    async fn a_conflict_that_was_ignored_ends_the_transaction_all_the_same(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let attempts = AtomicU32::new(0);
        db.transaction_with(TransactionOptions::new(), || async {
            let attempt = attempts.fetch_add(1, Ordering::Relaxed);
            write(db, 1).await?;
            if attempt == 0 {
                let nested = db.transaction(|| async { Err::<(), _>(conflict(db).await) });
                assert!(nested.await.unwrap_err().is_serialization());
                // on MySQL, this would stay although the transaction is gone
                assert!(write(db, 2).await.unwrap_err().is_serialization());
            }
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        assert_eq!(attempts.into_inner(), 2);
        assert_eq!(ids(db).await, [1]);
    }

    async fn only_the_outermost_one_is_run_again(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let (outer, inner) = (AtomicU32::new(0), AtomicU32::new(0));
        db.transaction_with(TransactionOptions::new().retries(1), || async {
            outer.fetch_add(1, Ordering::Relaxed);
            db.transaction_with(TransactionOptions::new().retries(5), || async {
                if inner.fetch_add(1, Ordering::Relaxed) == 0 {
                    return Err(conflict(db).await);
                }
                write(db, 1).await
            })
            .await
        })
        .await
        .unwrap();
        assert_eq!((outer.into_inner(), inner.into_inner()), (2, 2));
        assert_eq!(ids(db).await, [1]);
    }
}

#[tokio::test]
async fn a_write_lock_of_another_process_is_asked_for_again() {
    let (place, db) = crate::support::Place::with_notes().await;
    let impatient = place.impatient();
    let lost: Result<(), Error> = db
        .transaction(|| async {
            let outside = tokio::spawn({
                let impatient = impatient.clone();
                async move {
                    let options = TransactionOptions::new().retries(0);
                    impatient
                        .transaction_with(options, || write(&impatient, 1))
                        .await
                }
            });
            outside.await.unwrap()
        })
        .await;
    assert!(lost.unwrap_err().is_transient());
    let options = TransactionOptions::new().retries(100);
    let (released, waited) = tokio::join!(
        db.transaction(|| async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            write(&db, 2).await
        }),
        impatient.transaction_with(options, || write(&impatient, 3)),
    );
    released.unwrap();
    waited.unwrap();
    assert_eq!(ids(&db).await, [2, 3]);
}
