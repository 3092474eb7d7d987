//! Callers that go away half-way, as a request whose client has hung up.

use std::{
    pin::pin,
    task::{Context, Waker},
};

use atlas_db::{Db, DbConfig, Engine, Error, sea_orm::ConnectionTrait};
use tokio::time::{Duration, Instant, sleep, timeout};

use crate::metrics::measured;
use crate::support::{
    Place,
    engines::{TestDb, on_every_engine},
    ids, value, write,
};

/// Polls a future so many times, as fast as the connection answers, and drops it.
async fn poll_and_drop<F: Future>(future: F, polls: usize) -> bool {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
        {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

/// No connection kept a transaction open: another handle can write, sees what every connection of this one writes, and
/// a server knows of no transaction.
async fn assert_free(test: &TestDb, db: &Db, id: i64) {
    let other = test.open(|config| config.max_connections = 1);
    assert!(!db.in_transaction());
    write(&other, id).await.unwrap();
    if test.engine != Engine::Sqlite {
        let (one, two, three) = tokio::join!(touch(db, id), touch(db, id), touch(db, id));
        for touched in [one, two, three] {
            touched.unwrap();
        }
        let name = test.name();
        let open = match test.engine {
            Engine::Postgres => format!(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND state LIKE 'idle in%'"
            ),
            _ => format!(
                "SELECT count(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p \
                 ON p.id = t.trx_mysql_thread_id WHERE p.db = '{name}' AND p.command = 'Sleep'"
            ),
        };
        // what was abandoned is undone behind the caller's back
        let patience = Instant::now() + Duration::from_secs(10);
        while value(&other, &open).await != "0" {
            assert!(Instant::now() < patience, "a transaction stays open");
            sleep(Duration::from_millis(5)).await;
        }
    }
    other.close().await;
}

/// Writes what is there already.
async fn touch(db: &Db, id: i64) -> Result<(), Error> {
    let sql = format!("UPDATE notes SET words = 'note {id}' WHERE id = {id}");
    db.execute_unprepared(&sql).await?;
    Ok(())
}

on_every_engine! {
    async fn a_cancelled_begin_leaves_no_transaction_open(test: TestDb) {
        let db = test.with_notes().await;
        for step in 1..60 {
            if step % 2 == 0 {
                poll_and_drop(
                    db.transaction(std::future::pending::<Result<(), Error>>),
                    step,
                )
                .await;
            } else {
                let work = db.transaction(std::future::pending::<Result<(), Error>>);
                let _ = timeout(Duration::from_micros(step as u64 * 40), work).await;
            }
            assert_free(test, &db, step as i64).await;
        }
        write(&db, 1000).await.unwrap();
        assert_eq!(ids(&db).await.len(), 60);
    }

    async fn a_caller_aborted_anywhere_leaves_nothing_behind(test: TestDb) {
        let db = test.with_notes().await;
        for round in 0..40 {
            let work = tokio::spawn({
                let db = db.clone();
                async move {
                    db.transaction(|| async {
                        write(&db, -1).await?;
                        db.transaction(|| write(&db, -2)).await?;
                        std::future::pending::<()>().await;
                        Ok::<_, Error>(())
                    })
                    .await
                }
            });
            if test.engine == Engine::Sqlite {
                for _ in 0..round {
                    tokio::task::yield_now().await;
                }
            } else {
                sleep(Duration::from_micros(round as u64 * 100)).await;
            }
            work.abort();
            assert!(work.await.unwrap_err().is_cancelled());
            assert_free(test, &db, round).await;
        }
        assert_eq!(
            ids(&db).await,
            (0..40).collect::<Vec<_>>(),
            "no note of a cancelled caller is left"
        );
    }
}

#[tokio::test]
async fn a_caller_that_leaves_the_queue_does_not_hold_a_place() {
    let (_place, db) = Place::with_notes().await;
    db.transaction(|| async {
        let outside = tokio::spawn({
            let db = db.clone();
            async move {
                for _ in 0..10 {
                    assert!(
                        !poll_and_drop(write(&db, 1), 3).await,
                        "the writer is taken"
                    );
                }
            }
        });
        outside.await.unwrap();
        write(&db, 2).await
    })
    .await
    .unwrap();
    write(&db, 3).await.unwrap();
    assert_eq!(ids(&db).await, [2, 3]);
}

on_every_engine! {
    async fn a_cancelled_query_leaves_a_usable_connection(test: TestDb) {
        let db = test.with_notes().await;
        write(&db, 1).await.unwrap();
        for polls in 1..20 {
            poll_and_drop(ids(&db), polls).await;
            assert_eq!(ids(&db).await, [1]);
        }
    }
}

#[tokio::test]
async fn a_long_statement_whose_caller_left_does_not_hold_up_those_who_come() {
    let place = Place::new();
    let (db, scrape) = measured(DbConfig::at(place.url())).await;
    db.execute_unprepared("CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT NOT NULL)")
        .await
        .unwrap();
    write(&db, 1).await.unwrap();
    assert_eq!(ids(&db).await, [1], "a reader is open now");
    let counting = "SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
                    WHERE i < 100000000) SELECT i FROM n)";
    assert!(
        !poll_and_drop(value(&db, counting), 3).await,
        "it counts for seconds"
    );
    assert_eq!(
        ids(&db).await,
        [1],
        "by another reader, though the busy one was used last"
    );
    let readers = r#"db_client_connection_pool_name="readers""#;
    let used =
        format!("db_client_connection_count{{{readers},db_client_connection_state=\"used\"}} 1");
    assert!(
        scrape.read().contains(&used),
        "it counts still\n{}",
        scrape.read()
    );
}
