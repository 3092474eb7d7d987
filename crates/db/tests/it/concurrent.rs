//! Many callers at once, in one process and in several.

use atlas_db::{
    Db, Error,
    sea_orm::{ConnectionTrait, EntityTrait, sea_query::Query},
};
use tokio::sync::oneshot;

use crate::support::{Place, engines::on_every_engine, ids, note, value, write};

async fn count_up(db: Db, times: i64) -> Result<(), Error> {
    for _ in 0..times {
        db.transaction(|| async {
            // a transaction that reads first and then writes is the one that SQLite would refuse to upgrade; servers
            // have to be told that the row will be written
            let read = Query::select()
                .column("n")
                .from("counter")
                .lock_exclusive()
                .take();
            let row = db.query_one(&read).await?.expect("a row");
            let n: i64 = row.try_get("", "n")?;
            db.execute_unprepared(&format!("UPDATE counter SET n = {}", n + 1))
                .await?;
            Ok::<_, Error>(())
        })
        .await?;
    }
    Ok(())
}

on_every_engine! {
    async fn writers_of_one_process_queue_and_none_fails(test: TestDb) {
        let db = test.with_notes().await;
        db.execute_unprepared(
            "CREATE TABLE counter (n BIGINT NOT NULL); INSERT INTO counter VALUES (0)",
        )
        .await
        .unwrap();
        let tasks: Vec<_> = (0..16)
            .map(|_| tokio::spawn(count_up(db.clone(), 10)))
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(value(&db, "SELECT n FROM counter").await, "160");
    }

    async fn writers_of_several_handles_wait_for_each_other(test: TestDb) {
        let db = test.with_notes().await;
        db.execute_unprepared(
            "CREATE TABLE counter (n BIGINT NOT NULL); INSERT INTO counter VALUES (0)",
        )
        .await
        .unwrap();
        let patient = || {
            test.open(|config| config.lock_timeout = atlas_config::Duration::from_secs(60))
        };
        let tasks: Vec<_> = (0..4)
            .map(|_| tokio::spawn(count_up(patient(), 10)))
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(value(&db, "SELECT n FROM counter").await, "40");
    }
}

#[tokio::test]
async fn handles_that_open_a_new_file_at_the_same_time_both_succeed() {
    let place = Place::new();
    let (one, other) = (place.db(), place.db());
    let (one, other) = tokio::join!(one.ping(), other.ping());
    one.unwrap();
    other.unwrap();
}

on_every_engine! {
    async fn readers_do_not_wait_for_a_writer_and_see_what_was_committed(test: TestDb) {
        let db = test.with_notes().await;
        write(&db, 1).await.unwrap();
        let (written, seen) = (oneshot::channel::<()>(), oneshot::channel::<()>());
        let writer = tokio::spawn({
            let db = db.clone();
            async move {
                db.transaction(|| async {
                    write(&db, 2).await?;
                    written.0.send(()).unwrap();
                    seen.1.await.unwrap();
                    Ok::<_, Error>(())
                })
                .await
            }
        });
        written.1.await.unwrap();
        assert_eq!(ids(&db).await, [1]);
        seen.0.send(()).unwrap();
        writer.await.unwrap().unwrap();
        assert_eq!(ids(&db).await, [1, 2]);
    }
}

#[tokio::test]
async fn a_writer_that_waits_too_long_is_told_why() {
    let (place, _) = Place::with_notes().await;
    let db = place.impatient();
    let outcome: Result<(), Error> = db
        .transaction(|| async {
            // a task of its own is outside of the transaction
            let outside = tokio::spawn({
                let db = db.clone();
                async move { write(&db, 1).await }
            });
            outside.await.unwrap()
        })
        .await;
    let error = outcome.unwrap_err();
    assert!(error.is_transient());
    assert!(
        error
            .to_string()
            .starts_with("no database connection became free in time"),
        "{error}"
    );
    let unavailable = atlas_core::Error::from(error);
    assert_eq!(unavailable.kind(), atlas_core::Kind::Unavailable);
}

on_every_engine! {
    async fn a_lock_of_another_process_is_a_transient_error(test: TestDb) {
        let db = test.with_notes().await;
        let other = test.impatient();
        other.ping().await.unwrap();
        let error = db
            .transaction(|| async {
                write(&db, 1).await?;
                write(&other, 1).await
            })
            .await
            .unwrap_err();
        assert!(error.is_transient(), "{error}");
        assert_eq!(atlas_core::Error::from(error).kind(), atlas_core::Kind::Unavailable);
    }

    async fn more_readers_than_connections_take_turns(test: TestDb) {
        let db = test.with_notes().await;
        for id in 0..20 {
            write(&db, id).await.unwrap();
        }
        let narrow = test.open(|config| config.max_connections = 2);
        let tasks: Vec<_> = (0..200)
            .map(|at| {
                let db = narrow.clone();
                tokio::spawn(async move {
                    note::Entity::find_by_id(at % 20)
                        .one(&db)
                        .await
                        .unwrap()
                        .unwrap()
                        .id
                })
            })
            .collect();
        for (at, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap(), i64::try_from(at).unwrap() % 20);
        }
    }
}
