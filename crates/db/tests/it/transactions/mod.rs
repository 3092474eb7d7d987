//! What commits, what rolls back, and who takes part.

mod commit;
mod conflicts;
mod definitions;
mod hooks;
mod nested;
mod options;

use std::panic::AssertUnwindSafe;

use atlas_db::{
    Error,
    sea_orm::{
        ActiveModelTrait, ActiveValue::Set, DbErr, EntityTrait, TransactionSession,
        TransactionTrait,
    },
};

use crate::support::{Place, engines::on_every_engine, ids, note, write};

/// What a use case fails with for reasons of its own.
pub(crate) fn broken() -> Error {
    DbErr::Custom("broken".into()).into()
}

on_every_engine! {
    async fn ok_commits_and_err_rolls_back(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let kept = db.transaction(|| async { write(db, 1).await.map(|()| 7) }).await;
        assert_eq!(kept.unwrap(), 7);
        let lost: Result<(), Error> = db
            .transaction(|| async {
                write(db, 2).await?;
                Err(broken())
            })
            .await;
        assert_eq!(lost.unwrap_err().to_string(), "broken");
        assert_eq!(ids(db).await, [1]);
    }

    async fn every_clone_of_the_handle_joins(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let repository = db.clone();
        db.transaction(|| async {
            assert!(repository.in_transaction());
            write(&repository, 1).await?;
            assert_eq!(ids(db).await, [1], "it sees its own writes");
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        assert!(!repository.in_transaction());
    }

    async fn a_panic_rolls_back(test: TestDb) {
        let db = test.open(|config| config.max_connections = 1);
        note::create(&db).await;
        let task = tokio::spawn({
            let db = db.clone();
            async move {
                db.transaction(|| async {
                    write(&db, 1).await?;
                    assert!(!db.in_transaction(), "the cup broke");
                    Ok::<_, Error>(())
                })
                .await
            }
        });
        assert!(task.await.unwrap_err().is_panic());
        write(&db, 2).await.unwrap();
        assert_eq!(ids(&db).await, [2]);
        db.close().await;
    }

    async fn a_spawned_task_is_on_its_own(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        write(db, 1).await.unwrap();
        db.transaction(|| async {
            write(db, 2).await?;
            let outside = tokio::spawn({
                let db = db.clone();
                async move { (db.in_transaction(), ids(&db).await) }
            });
            assert_eq!(outside.await.unwrap(), (false, vec![1]));
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    }

    async fn statements_of_one_transaction_may_run_side_by_side(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        db.transaction(|| async {
            let (one, other, third) = tokio::join!(write(db, 1), write(db, 2), write(db, 3));
            one.and(other).and(third)
        })
        .await
        .unwrap();
        assert_eq!(ids(db).await, [1, 2, 3]);
    }

    async fn the_interfaces_of_the_orm_work_too(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let note = |id| note::ActiveModel {
            id: Set(id),
            words: Set(format!("note {id}")),
        };
        let outer = TransactionTrait::begin(db).await.unwrap();
        note(1).insert(&outer).await.unwrap();
        let inner = outer.begin().await.unwrap();
        note(2).insert(&inner).await.unwrap();
        inner.rollback().await.unwrap();
        assert_eq!(note::Entity::find().all(&outer).await.unwrap().len(), 1);
        outer.commit().await.unwrap();
        assert_eq!(ids(db).await, [1]);

        drop(TransactionTrait::begin(db).await.unwrap());
        let lost = TransactionTrait::transaction::<_, (), DbErr>(db, |open| {
            Box::pin(async move {
                note(3).insert(open).await?;
                Err(DbErr::Custom("broken".into()))
            })
        });
        assert!(lost.await.is_err());
        assert_eq!(ids(db).await, [1]);
    }
}

#[tokio::test]
async fn transactions_of_two_databases_do_not_mix() {
    let (_one_place, one) = Place::with_notes().await;
    let (_other_place, other) = Place::with_notes().await;
    let outcome: Result<(), Error> = one
        .transaction(|| async {
            write(&one, 1).await?;
            other
                .transaction(|| async {
                    write(&other, 2).await?;
                    write(&one, 3).await
                })
                .await?;
            Err(broken())
        })
        .await;
    assert!(outcome.is_err());
    assert_eq!(ids(&one).await, [] as [i64; 0]);
    assert_eq!(ids(&other).await, [2]);
}

#[tokio::test]
async fn the_future_of_a_transaction_can_be_spawned() {
    fn sendable<T: Send>(it: T) -> T {
        it
    }
    let (_place, db) = Place::with_notes().await;
    let work = sendable(db.transaction(|| write(&db, 1)));
    AssertUnwindSafe(work).0.await.unwrap();
    let options = atlas_db::TransactionOptions::new();
    sendable(db.transaction_with(options, || write(&db, 2)))
        .await
        .unwrap();
    assert_eq!(ids(&db).await, [1, 2]);
}
