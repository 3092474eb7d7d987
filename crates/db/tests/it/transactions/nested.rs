//! Transactions inside of transactions.

use std::{future::pending, time::Duration};

use atlas_db::{
    Error,
    sea_orm::{ConnectionTrait, TransactionSession, TransactionTrait},
};
use tokio::{sync::Notify, time::timeout};

use super::broken;
use crate::support::{engines::on_every_engine, ids, note, write};

on_every_engine! {
    async fn a_failure_undoes_only_what_was_nested(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        db.transaction(|| async {
            write(db, 1).await?;
            let nested: Result<(), Error> = db
                .transaction(|| async {
                    write(db, 2).await?;
                    db.transaction(|| write(db, 3)).await?;
                    Err(broken())
                })
                .await;
            assert!(nested.is_err());
            db.transaction(|| write(db, 4)).await
        })
        .await
        .unwrap();
        assert_eq!(ids(db).await, [1, 4]);
    }

    async fn a_statement_that_failed_inside_does_not_spoil_what_is_around(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        db.transaction(|| async {
            for id in 1..20 {
                write(db, id).await?;
                let twice = db.transaction(|| write(db, id)).await;
                assert!(twice.unwrap_err().is_duplicate());
            }
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        assert_eq!(ids(db).await.len(), 19);
    }

    async fn a_failure_that_was_ignored_is_not_a_commit_on_postgresql(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let outcome = db
            .transaction(|| async {
                write(db, 1).await?;
                assert!(write(db, 1).await.unwrap_err().is_duplicate());
                Ok::<_, Error>(())
            })
            .await;
        if test.engine == atlas_db::Engine::Postgres {
            let error = outcome.unwrap_err().to_string();
            assert!(error.contains("was rolled back, because a statement in it failed"), "{error}");
            assert_eq!(ids(db).await, [] as [i64; 0]);
        } else {
            outcome.unwrap();
            assert_eq!(ids(db).await, [1]);
        }
        let nested = db
            .transaction(|| async {
                write(db, 2).await?;
                let inner = db
                    .transaction(|| async {
                        assert!(write(db, 2).await.is_err());
                        Ok::<_, Error>(())
                    })
                    .await;
                assert_eq!(inner.is_err(), test.engine == atlas_db::Engine::Postgres);
                Ok::<_, Error>(())
            })
            .await;
        nested.unwrap();
        assert!(ids(db).await.contains(&2));
    }

    async fn two_side_by_side_are_refused(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        db.transaction(|| async {
            let (begun, refused) = (Notify::new(), Notify::new());
            let (one, other) = tokio::join!(
                db.transaction(|| async {
                    write(db, 1).await?;
                    begun.notify_one();
                    refused.notified().await;
                    write(db, 2).await
                }),
                async {
                    begun.notified().await;
                    let outcome = db.transaction(|| write(db, 3)).await;
                    refused.notify_one();
                    outcome
                },
            );
            one.unwrap();
            let error = other.unwrap_err();
            assert!(error.is_misuse(), "{error}");
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        assert_eq!(ids(db).await, [1, 2], "and the first one is whole");
    }

    async fn what_is_around_waits_until_the_inner_one_is_over(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let outer = TransactionTrait::begin(db).await.unwrap();
        let inner = outer.begin().await.unwrap();
        let early = outer.execute_unprepared("INSERT INTO notes VALUES (1, 'lost')").await;
        assert!(Error::from(early.unwrap_err()).is_misuse(), "it would be undone with the inner one");
        inner.rollback().await.unwrap();
        outer.execute_unprepared("INSERT INTO notes VALUES (2, 'kept')").await.unwrap();
        outer.commit().await.unwrap();
        assert_eq!(ids(db).await, [2]);
    }

    async fn one_that_was_dropped_half_way_is_undone(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        db.transaction(|| async {
            write(db, 1).await?;
            for id in 2..5 {
                let nested = db.transaction(|| async {
                    write(db, id).await?;
                    pending::<Result<(), Error>>().await
                });
                assert!(timeout(Duration::from_millis(100), nested).await.is_err());
            }
            write(db, 5).await
        })
        .await
        .unwrap();
        assert_eq!(ids(db).await, [1, 5]);
    }

    async fn nothing_is_committed_around_a_statement_that_was_dropped_half_way(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let slow = match test.engine {
            atlas_db::Engine::Sqlite => {
                "INSERT INTO notes WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) \
                 SELECT i + 100, 'note ' || (i + 100) FROM n"
            }
            atlas_db::Engine::Postgres => "INSERT INTO notes SELECT 7, 'seven' FROM pg_sleep(3)",
            _ => "INSERT INTO notes SELECT 7, 'seven' FROM (SELECT SLEEP(3)) AS slept",
        };
        let outcome = db
            .transaction(|| async {
                write(db, 1).await?;
                let slow = db.execute_unprepared(slow);
                assert!(timeout(Duration::from_millis(20), slow).await.is_err());
                write(db, 2).await
            })
            .await;
        let error = outcome.unwrap_err();
        assert!(error.is_misuse(), "{error}");
        assert_eq!(ids(db).await, [] as [i64; 0]);

        // in a transaction of its own it may be given up
        db.transaction(|| async {
            write(db, 1).await?;
            let given_up = db.transaction(|| async {
                db.execute_unprepared(slow).await?;
                Ok::<_, Error>(())
            });
            assert!(timeout(Duration::from_millis(20), given_up).await.is_err());
            write(db, 2).await
        })
        .await
        .unwrap();
        assert_eq!(ids(db).await, [1, 2]);
    }

    async fn nobody_ends_a_transaction_by_a_statement(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let outcome = db
            .transaction(|| async {
                write(db, 1).await?;
                for sql in ["COMMIT", "-- done\nrollback", "BEGIN", "SAVEPOINT mine"] {
                    let error = Error::from(db.execute_unprepared(sql).await.unwrap_err());
                    assert!(error.is_misuse(), "{error}");
                }
                Err::<(), _>(broken())
            })
            .await;
        assert!(outcome.is_err());
        assert_eq!(ids(db).await, [] as [i64; 0]);
    }

    async fn what_outlives_its_transaction_is_refused(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let outer = TransactionTrait::begin(db).await.unwrap();
        let inner = outer.begin().await.unwrap();
        drop(outer);
        let late = inner.execute_unprepared("INSERT INTO notes VALUES (1, 'late')").await;
        assert!(Error::from(late.unwrap_err()).is_misuse());
        assert!(Error::from(inner.commit().await.unwrap_err()).is_misuse());
        assert_eq!(ids(db).await, [] as [i64; 0]);
    }
}
