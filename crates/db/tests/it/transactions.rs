//! What commits, what rolls back, and who takes part.

use std::panic::AssertUnwindSafe;

use atlas_db::{
    Error,
    sea_orm::{
        ActiveModelTrait, ActiveValue::Set, DbErr, EntityTrait, TransactionSession,
        TransactionTrait,
    },
};

use crate::support::{Place, ids, note, write};

fn broken() -> Error {
    DbErr::Custom("broken".into()).into()
}

#[tokio::test]
async fn ok_commits_and_err_rolls_back() {
    let (_place, db) = Place::with_notes().await;
    let kept = db
        .transaction(|| async { write(&db, 1).await.map(|()| 7) })
        .await;
    assert_eq!(kept.unwrap(), 7);
    let lost: Result<(), Error> = db
        .transaction(|| async {
            write(&db, 2).await?;
            Err(broken())
        })
        .await;
    assert_eq!(lost.unwrap_err().to_string(), "broken");
    assert_eq!(ids(&db).await, [1]);
}

#[tokio::test]
async fn every_clone_of_the_handle_joins() {
    let (_place, db) = Place::with_notes().await;
    let repository = db.clone();
    db.transaction(|| async {
        assert!(repository.in_transaction());
        write(&repository, 1).await?;
        assert_eq!(ids(&db).await, [1], "it sees its own writes");
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    assert!(!repository.in_transaction());
}

#[tokio::test]
async fn a_nested_failure_undoes_only_what_was_nested() {
    let (_place, db) = Place::with_notes().await;
    db.transaction(|| async {
        write(&db, 1).await?;
        let nested: Result<(), Error> = db
            .transaction(|| async {
                write(&db, 2).await?;
                db.transaction(|| write(&db, 3)).await?;
                Err(broken())
            })
            .await;
        assert!(nested.is_err());
        db.transaction(|| write(&db, 4)).await
    })
    .await
    .unwrap();
    assert_eq!(ids(&db).await, [1, 4]);
}

#[tokio::test]
async fn a_panic_rolls_back() {
    let (_place, db) = Place::with_notes().await;
    let task = tokio::spawn({
        let db = db.clone();
        async move {
            db.transaction(|| async {
                write(&db, 1).await?;
                std::panic::panic_any("the cup broke");
                #[expect(unreachable_code, reason = "tells the compiler the type of the result")]
                Ok::<_, Error>(())
            })
            .await
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    write(&db, 2).await.unwrap();
    assert_eq!(ids(&db).await, [2]);
}

#[tokio::test]
async fn a_spawned_task_is_on_its_own() {
    let (_place, db) = Place::with_notes().await;
    write(&db, 1).await.unwrap();
    db.transaction(|| async {
        write(&db, 2).await?;
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
async fn statements_of_one_transaction_may_run_side_by_side() {
    let (_place, db) = Place::with_notes().await;
    db.transaction(|| async {
        let (one, other) = tokio::join!(write(&db, 1), write(&db, 2));
        one.and(other)
    })
    .await
    .unwrap();
    assert_eq!(ids(&db).await, [1, 2]);
}

#[tokio::test]
async fn the_interfaces_of_the_orm_work_too() {
    let (_place, db) = Place::with_notes().await;
    let outer = TransactionTrait::begin(&db).await.unwrap();
    note::ActiveModel {
        id: Set(1),
        words: Set("one".into()),
    }
    .insert(&outer)
    .await
    .unwrap();
    let inner = outer.begin().await.unwrap();
    note::ActiveModel {
        id: Set(2),
        words: Set("two".into()),
    }
    .insert(&inner)
    .await
    .unwrap();
    inner.rollback().await.unwrap();
    assert_eq!(note::Entity::find().all(&outer).await.unwrap().len(), 1);
    outer.commit().await.unwrap();
    assert_eq!(ids(&db).await, [1]);

    drop(TransactionTrait::begin(&db).await.unwrap());
    let lost = TransactionTrait::transaction::<_, (), DbErr>(&db, |open| {
        Box::pin(async move {
            note::ActiveModel {
                id: Set(3),
                words: Set("three".into()),
            }
            .insert(open)
            .await?;
            Err(DbErr::Custom("broken".into()))
        })
    });
    assert!(lost.await.is_err());
    assert_eq!(ids(&db).await, [1]);
    // and what SQLite cannot promise is refused rather than ignored
    let serializable =
        db.begin_with_config(Some(atlas_db::sea_orm::IsolationLevel::Serializable), None);
    assert!(matches!(
        serializable.await.unwrap_err(),
        DbErr::BackendNotSupported { .. }
    ));
}

#[tokio::test]
async fn a_commit_that_fails_leaves_a_usable_connection() {
    let (_place, db) = Place::with_notes().await;
    let outcome: Result<(), Error> = db
        .transaction(|| async {
            use atlas_db::sea_orm::ConnectionTrait;
            db.execute_unprepared("PRAGMA defer_foreign_keys = ON")
                .await?;
            db.execute_unprepared("INSERT INTO replies VALUES (99)")
                .await?;
            Ok(())
        })
        .await;
    let error = outcome.unwrap_err();
    assert_eq!(error.to_string(), "FOREIGN KEY constraint failed");
    write(&db, 1).await.unwrap();
    assert_eq!(ids(&db).await, [1]);
}

#[tokio::test]
async fn the_future_of_a_transaction_can_be_spawned() {
    fn sendable<T: Send>(it: T) -> T {
        it
    }
    let (_place, db) = Place::with_notes().await;
    let work = sendable(db.transaction(|| write(&db, 1)));
    AssertUnwindSafe(work).0.await.unwrap();
    assert_eq!(ids(&db).await, [1]);
}
