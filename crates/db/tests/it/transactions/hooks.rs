//! What is done after the commit.

use std::{
    future::pending,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Waker},
    time::Duration,
};

use atlas_db::{Db, Error, TransactionOptions};
use tokio::time::timeout;

use super::{broken, conflicts::conflict};
use crate::support::{engines::on_every_engine, ids, note, write};

/// What was done so far, in order.
#[derive(Clone, Default)]
struct Done(Arc<Mutex<Vec<i64>>>);

impl Done {
    async fn after(&self, db: &Db, what: i64) {
        let done = self.clone();
        db.after_commit(move || async move { done.push(what) })
            .await;
    }

    fn push(&self, what: i64) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(what);
    }

    fn read(&self) -> Vec<i64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

on_every_engine! {
    async fn hooks_run_once_in_order_behind_the_outermost_commit(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let done = Done::default();
        done.after(db, 0).await;
        assert_eq!(done.read(), [0], "outside of a transaction at once");
        db.transaction(|| async {
            write(db, 1).await?;
            done.after(db, 1).await;
            db.transaction(|| async {
                write(db, 2).await?;
                done.after(db, 2).await;
                db.transaction(|| async {
                    done.after(db, 3).await;
                    Ok::<_, Error>(())
                })
                .await
            })
            .await?;
            done.after(db, 4).await;
            assert_eq!(done.read(), [0]);
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        assert_eq!(done.read(), [0, 1, 2, 3, 4]);
        write(db, 3).await.unwrap();
        assert_eq!(done.read(), [0, 1, 2, 3, 4], "once");
    }

    async fn a_rollback_forgets_the_hooks_that_were_left_in_it(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let done = Done::default();
        db.transaction(|| async {
            done.after(db, 1).await;
            let nested: Result<(), Error> = db
                .transaction(|| async {
                    done.after(db, 2).await;
                    db.transaction(|| async {
                        done.after(db, 3).await;
                        Ok::<_, Error>(())
                    })
                    .await?;
                    Err(broken())
                })
                .await;
            assert!(nested.is_err());
            let dropped = db.transaction(|| async {
                done.after(db, 4).await;
                pending::<Result<(), Error>>().await
            });
            assert!(timeout(Duration::from_millis(100), dropped).await.is_err());
            done.after(db, 5).await;
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        assert_eq!(done.read(), [1, 5]);

        let all: Result<(), Error> = db
            .transaction(|| async {
                done.after(db, 6).await;
                Err(broken())
            })
            .await;
        assert!(all.is_err());
        assert_eq!(done.read(), [1, 5]);
    }

    async fn a_hook_that_fails_or_panics_does_not_undo_the_commit(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let done = Done::default();
        db.transaction(|| async {
            write(db, 1).await?;
            db.after_commit(|| async { Err::<(), _>(broken()) }).await;
            let cup = Some("whole");
            db.after_commit(move || async move { assert_eq!(cup, None, "the cup broke") }).await;
            done.after(db, 1).await;
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        assert_eq!(done.read(), [1], "and those behind it run");
        assert_eq!(ids(db).await, [1]);
    }

    async fn a_hook_has_the_connection_for_itself(test: TestDb) {
        let db = test.open(|config| config.max_connections = 1);
        note::create(&db).await;
        db.transaction(|| async {
            write(&db, 1).await?;
            let later = db.clone();
            db.after_commit(move || async move {
                assert!(!later.in_transaction());
                later.transaction(|| write(&later, 2)).await
            })
            .await;
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        assert_eq!(ids(&db).await, [1, 2]);
        db.close().await;
    }

    async fn the_hooks_of_an_attempt_that_lost_are_forgotten(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let (done, attempts) = (Done::default(), Done::default());
        db.transaction_with(TransactionOptions::new(), || async {
            attempts.push(0);
            let attempt = attempts.read().len() as i64;
            done.after(db, attempt).await;
            write(db, attempt).await?;
            if attempt < 3 {
                return Err(conflict(db).await);
            }
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!((done.read(), ids(db).await), (vec![3], vec![3]));
    }

    async fn a_caller_that_leaves_while_it_commits_leaves_all_or_nothing(test: TestDb) {
        // with one connection, whoever comes next waits for what was left on its way
        let db = test.open(|config| config.max_connections = 1);
        note::create(&db).await;
        let done = Done::default();
        let mut finished = 0;
        for polls in 1..60 {
            let mut work = Box::pin(db.transaction(|| async {
                write(&db, polls).await?;
                done.after(&db, polls).await;
                Ok::<_, Error>(())
            }));
            let mut work_ref = pin!(&mut work);
            for _ in 0..polls {
                if work_ref.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                    finished += 1;
                    break;
                }
                tokio::time::sleep(Duration::from_micros(100)).await;
            }
            drop(work);
            db.transaction(|| async { Ok::<_, Error>(()) }).await.unwrap();
        }
        // a hook may still be on its way to the list, behind a connection that was given back
        timeout(Duration::from_secs(10), async {
            while done.read().len() != ids(&db).await.len() {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        let mut seen = done.read();
        seen.sort_unstable();
        assert_eq!(seen, ids(&db).await);
        assert!(finished > 0, "some of them were waited for");
        db.close().await;
    }
}
