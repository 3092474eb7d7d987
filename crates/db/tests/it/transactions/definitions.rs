//! Tables that are made inside of transactions.

use atlas_db::{
    Engine, Error,
    sea_orm::{
        ConnectionTrait, Statement, TransactionSession, TransactionTrait,
        sea_query::{ColumnDef, Table},
    },
};

use super::broken;
use crate::support::{engines::on_every_engine, ids, write};

on_every_engine! {
    async fn a_definition_commits_no_transaction_behind_its_back(test: TestDb) {
        let db = test.with_notes().await;
        let commits = matches!(test.engine, Engine::MySql | Engine::MariaDb);
        for text in [
            "CREATE TABLE cups (id INTEGER)",
            "/* first of all */ DROP TABLE replies",
            "INSERT INTO notes VALUES (7, 'seven'); CREATE TABLE cups (id INTEGER)",
        ] {
            let outcome: Result<(), Error> = db
                .transaction(|| async {
                    write(&db, 1).await?;
                    let defined = db.execute_unprepared(text).await.map_err(Error::from);
                    match defined {
                        Err(error) => assert!(commits && error.is_unsupported(), "{text}: {error}"),
                        Ok(_) => assert!(!commits, "{text}"),
                    }
                    Err(broken())
                })
                .await;
            assert_eq!(outcome.unwrap_err().to_string(), "broken");
            assert!(ids(&db).await.is_empty(), "{text}: all of it was undone");
        }

        // the builders, and a transaction that is held by hand
        let cups = Table::create().table("cups").col(ColumnDef::new("id").integer()).take();
        let held = db.begin().await.unwrap();
        let made = held.execute(&cups).await.map_err(Error::from);
        assert_eq!(made.as_ref().is_err_and(Error::is_unsupported), commits, "{made:?}");
        // it was not sent, so the transaction goes on
        held.execute_unprepared("INSERT INTO notes VALUES (2, 'two')").await.unwrap();
        held.commit().await.unwrap();
        assert_eq!(ids(&db).await, [2]);
        if commits {
            // outside there is nothing to commit
            db.execute(&cups).await.unwrap();
        }

        // a temporary table belongs to the connection, and commits nothing
        db.transaction(|| async {
            db.execute_unprepared("CREATE TEMPORARY TABLE spoons (id INTEGER)").await?;
            db.execute_unprepared("INSERT INTO spoons VALUES (1)").await?;
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    }

    async fn no_statement_hides_the_end_of_a_transaction(test: TestDb) {
        let db = test.with_notes().await;
        for text in [
            "INSERT INTO notes VALUES (7, 'a;b'); COMMIT",
            "-- that is it\n/* now */ COMMIT",
            "SELECT 1; /* ; */ ROLLBACK",
        ] {
            let outcome: Result<(), Error> = db
                .transaction(|| async {
                    let unprepared = db.execute_unprepared(text).await.map_err(Error::from);
                    assert!(unprepared.unwrap_err().is_misuse(), "{text}");
                    let statement = Statement::from_string(db.get_database_backend(), text);
                    let prepared = db.execute_raw(statement).await.map_err(Error::from);
                    assert!(prepared.unwrap_err().is_misuse(), "{text}");
                    write(&db, 1).await?;
                    Err(broken())
                })
                .await;
            assert_eq!(outcome.unwrap_err().to_string(), "broken");
            assert!(ids(&db).await.is_empty(), "{text}");
        }
        db.transaction(|| async {
            db.execute_unprepared("INSERT INTO notes VALUES (3, 'end; COMMIT')").await?;
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        assert_eq!(ids(&db).await, [3]);
    }
}
