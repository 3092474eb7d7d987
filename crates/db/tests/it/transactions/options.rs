//! Isolation levels, and transactions that only read.

use atlas_db::{
    Db, DbConfig, Engine, Error, IsolationLevel, TransactionOptions,
    sea_orm::{AccessMode, ConnectionTrait, EntityTrait, TransactionSession, TransactionTrait},
};

use crate::support::{engines::on_every_engine, ids, note, write};

const READ_ONLY: TransactionOptions = TransactionOptions::new().read_only();

/// Reads twice, and lets somebody else write in between.
async fn reads_twice(db: &Db, other: &Db, options: TransactionOptions, id: i64) -> (usize, usize) {
    db.transaction_with(options, || async {
        let before = ids(db).await.len();
        // somebody else: in a task that does not belong to the transaction
        let write = tokio::spawn({
            let other = other.clone();
            async move { write(&other, id).await }
        });
        write.await.unwrap()?;
        Ok::<_, Error>((before, ids(db).await.len()))
    })
    .await
    .unwrap()
}

on_every_engine! {
    async fn the_isolation_asked_for_is_the_least_there_is(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let other = test.open(|_| ());
        let level = |level| READ_ONLY.isolation(level).retries(0);
        for (id, strong) in [(1, IsolationLevel::RepeatableRead), (2, IsolationLevel::Serializable)] {
            // MySQL's serializable transactions lock what they read, so that nobody can write it meanwhile
            if strong == IsolationLevel::Serializable
                && matches!(test.engine, Engine::MySql | Engine::MariaDb)
            {
                write(db, id).await.unwrap();
                continue;
            }
            let (before, after) = reads_twice(db, &other, level(strong), id).await;
            assert_eq!(before, after, "{strong:?}");
        }
        for (id, weak) in [(3, IsolationLevel::ReadCommitted), (4, IsolationLevel::ReadUncommitted)] {
            let (before, after) = reads_twice(db, &other, level(weak), id).await;
            let stronger = test.engine == Engine::Sqlite;
            assert_eq!(before == after, stronger, "{weak:?}: SQLite is always serializable");
        }
        let (before, after) = reads_twice(db, &other, READ_ONLY, 5).await;
        let snapshot = test.engine != Engine::Postgres;
        assert_eq!(before == after, snapshot, "what the engine does by itself");
        assert_eq!(ids(db).await, [1, 2, 3, 4, 5]);
        other.close().await;
    }

    async fn a_transaction_that_only_reads_refuses_to_write(test: TestDb) {
        let db = test.open(|config| config.max_connections = 1);
        note::create(&db).await;
        write(&db, 1).await.unwrap();
        for _ in 0..3 {
            let refused = db
                .transaction_with(READ_ONLY, || async {
                    assert_eq!(ids(&db).await, [1]);
                    write(&db, 2).await
                })
                .await;
            let error = refused.unwrap_err();
            assert!(error.is_read_only(), "{error}");
            // and the connection is as it was
            db.transaction(|| async {
                write(&db, 2).await?;
                db.execute_unprepared("DELETE FROM notes WHERE id = 2").await?;
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
        }
        let read = db.transaction_with(READ_ONLY, || async { Ok::<_, Error>(ids(&db).await) });
        assert_eq!(read.await.unwrap(), [1]);
        write(&db, 2).await.unwrap();
        db.close().await;
    }

    async fn what_is_nested_cannot_ask_for_more_than_what_is_around(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let serializable = TransactionOptions::new().isolation(IsolationLevel::Serializable);
        for (outer, inner, allowed) in [
            (TransactionOptions::new(), serializable, false),
            (TransactionOptions::new(), READ_ONLY, false),
            (serializable, serializable.isolation(IsolationLevel::ReadCommitted), true),
            (READ_ONLY, READ_ONLY, true),
            (READ_ONLY, TransactionOptions::new(), true),
        ] {
            let nested = db
                .transaction_with(outer, || async {
                    db.transaction_with(inner, || async { Ok::<_, Error>(ids(db).await) }).await
                })
                .await;
            match nested {
                Ok(_) => assert!(allowed, "{outer:?} {inner:?}"),
                Err(error) => assert!(!allowed && error.is_unsupported(), "{error}"),
            }
        }
    }

    async fn the_orm_may_ask_for_the_same(test: TestDb) {
        let db = &test.db;
        note::create(db).await;
        let reading = db
            .begin_with_config(Some(IsolationLevel::Serializable), Some(AccessMode::ReadOnly))
            .await
            .unwrap();
        assert_eq!(note::Entity::find().all(&reading).await.unwrap().len(), 0);
        let refused = reading.execute_unprepared("INSERT INTO notes VALUES (1, 'one')").await;
        assert!(Error::from(refused.unwrap_err()).is_read_only());
        let stronger = reading.begin_with_config(None, Some(AccessMode::ReadWrite)).await;
        drop(stronger);
        drop(reading);
        let writing = db.begin_with_config(None, Some(AccessMode::ReadWrite)).await.unwrap();
        let nested = writing.begin_with_config(Some(IsolationLevel::Serializable), None).await;
        assert!(Error::from(nested.unwrap_err()).is_unsupported());
        writing.execute_unprepared("INSERT INTO notes VALUES (1, 'one')").await.unwrap();
        writing.commit().await.unwrap();
        assert_eq!(ids(db).await, [1]);
    }
}

#[tokio::test]
async fn a_database_in_memory_can_be_read_only_for_a_while() {
    let db = Db::new(&DbConfig::at("sqlite::memory:")).unwrap();
    note::create(&db).await;
    for id in 1..4 {
        let refused = db.transaction_with(READ_ONLY, || write(&db, 99)).await;
        assert!(refused.unwrap_err().is_read_only());
        drop(
            db.begin_with_config(None, Some(AccessMode::ReadOnly))
                .await
                .unwrap(),
        );
        let read = db.transaction_with(READ_ONLY, || async { Ok::<_, Error>(ids(&db).await) });
        assert_eq!(read.await.unwrap().len() as i64, id - 1);
        write(&db, id).await.unwrap();
    }
}

#[tokio::test]
async fn reading_does_not_wait_for_the_writer_of_a_file() {
    let (_place, db) = crate::support::Place::with_notes().await;
    db.transaction(|| async {
        write(&db, 1).await?;
        let beside = tokio::spawn({
            let db = db.clone();
            async move {
                let read =
                    db.transaction_with(READ_ONLY, || async { Ok::<_, Error>(ids(&db).await) });
                read.await
            }
        });
        assert_eq!(beside.await.unwrap()?, [] as [i64; 0]);
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
}
