//! Which server runs a statement. The servers themselves say it.

use std::{collections::BTreeMap, time::Duration};

use atlas_core::scope;
use atlas_db::{
    Engine, Error, Route,
    sea_orm::{ConnectionTrait, TransactionSession, TransactionTrait},
};

use crate::polymorphic;

use super::cluster::{engine, number, on_every_cluster, port, ports, sql, until};

on_every_cluster! {
    async fn reads_take_turns_and_all_else_is_for_the_primary(cluster: 2) {
        let db = cluster.db().await;
        let (primary, replicas) = (cluster.primary_port(), cluster.replica_ports());

        let turns: BTreeMap<i64, usize> = replicas.iter().map(|it| (*it, 50)).collect();
        assert_eq!(ports(&db).await, turns);
        let counted: u64 = db.replicas().iter().map(|it| it.reads).sum();
        assert_eq!(counted, 100);
        assert_eq!(db.route("SELECT 1"), Route::Replica("replica-1".into()));
        assert_eq!(db.route("SELECT 1 FOR UPDATE"), Route::Primary);
        assert_eq!(db.route("DELETE FROM counters"), Route::Primary);

        for lock in ["FOR UPDATE", "for share", "LOCK IN SHARE MODE"] {
            if engine(&db) == Engine::Postgres && lock.starts_with("LOCK")
                || engine(&db) == Engine::MariaDb && lock.ends_with("share")
            {
                continue;
            }
            let text = format!("SELECT {{port}} FROM counters WHERE id = 0 {lock}");
            assert_eq!(number(&db, &text).await.unwrap(), primary, "{lock}");
        }

        scope::enter(async {
            let in_transaction = db.transaction(|| async { Ok::<_, Error>(port(&db).await) });
            assert_eq!(in_transaction.await.unwrap(), primary);
            let held = db.begin().await.unwrap();
            assert_eq!(port(&held).await, primary);
            held.rollback().await.unwrap();
        })
        .await;

        let on_primary = db.on_primary(async { (port(&db).await, db.route("SELECT 1")) });
        assert_eq!(on_primary.await, (primary, Route::Primary));
        scope::enter(async { assert_eq!(ports(&db).await, turns) }).await;

        // many rows go the same way as one
        let rows = scope::enter(db.query_all_raw(sql(&db, "SELECT {port}"))).await.unwrap();
        assert_ne!(rows[0].try_get_by_index::<i64>(0).unwrap(), primary);

        // and so do relations
        scope::enter(polymorphic::filled(&db)).await;
        cluster.catch_up();
        let reads = || db.replicas().iter().map(|it| it.reads).sum::<u64>();
        let before = reads();
        assert_eq!(polymorphic::both_ways(&db).await, (8, 8));
        assert_eq!(reads() - before, 4);
    }
}

on_every_cluster! {
    async fn a_read_that_only_the_primary_can_do_is_done_there(cluster: 1) {
        let db = cluster.db().await;
        let create = match engine(&db) {
            Engine::Postgres => "CREATE FUNCTION bump() RETURNS bigint LANGUAGE sql \
                                 AS 'UPDATE counters SET n = n + 1 WHERE id = 0 RETURNING n'",
            _ => "CREATE FUNCTION bump() RETURNS bigint MODIFIES SQL DATA \
                  BEGIN UPDATE counters SET n = n + 1 WHERE id = 0; \
                  RETURN (SELECT n FROM counters WHERE id = 0); END",
        };
        cluster.primary.address().run_in("postgres", create).unwrap();
        cluster.catch_up();

        // what writes though it begins with SELECT: refused there, done here, and seen afterwards
        for round in 1..=20 {
            scope::enter(async {
                assert_eq!(number(&db, "SELECT bump()").await.unwrap(), round);
                let seen = number(&db, "SELECT n FROM counters WHERE id = 0").await.unwrap();
                assert_eq!(seen, round);
            })
            .await;
            cluster.catch_up();
        }

        let next = match engine(&db) {
            Engine::Postgres => Some("SELECT nextval('tickets')"),
            Engine::MariaDb => Some("SELECT NEXT VALUE FOR tickets"),
            _ => None,
        };
        if let Some(next) = next {
            scope::enter(db.execute_unprepared("CREATE SEQUENCE tickets")).await.unwrap();
            cluster.catch_up();
            for ticket in 1..=3 {
                assert_eq!(scope::enter(number(&db, next)).await.unwrap(), ticket);
            }
        }

        // a table that is still on its way to the replica
        cluster.replicas[0].pause_replay().unwrap();
        scope::enter(db.execute_unprepared("CREATE TABLE late (id BIGINT)")).await.unwrap();
        scope::enter(async {
            assert_ne!(port(&db).await, cluster.primary_port(), "this one wrote nothing");
            assert_eq!(number(&db, "SELECT count(*) FROM late").await.unwrap(), 0);
        })
        .await;
        cluster.replicas[0].resume_replay().unwrap();

        // what is wrong everywhere fails once, with the primary's words
        let error = number(&db, "SELECT nothing FROM nowhere").await.unwrap_err();
        assert!(error.to_string().contains("nowhere"), "{error}");
        assert!(db.replicas()[0].in_rotation, "it is not the replica's fault");
    }
}

on_every_cluster! {
    async fn a_write_pins_its_request_until_the_replica_has_it(cluster: 1) {
        let db = cluster.db().await;
        let (primary, replica) = (cluster.primary_port(), cluster.replica_ports()[0]);
        let n = "SELECT n FROM counters WHERE id = 0";
        cluster.replicas[0].pause_replay().unwrap();

        scope::enter(async {
            assert_eq!(port(&db).await, replica);
            db.execute_raw(sql(&db, "UPDATE counters SET n = 7 WHERE id = 0")).await.unwrap();
            assert_eq!(number(&db, n).await.unwrap(), 7);
            assert_eq!(port(&db).await, primary);
            let both = "SELECT n * 100000 + {port} FROM counters WHERE id = 0";
            let elsewhere = scope::enter(number(&db, both)).await.unwrap();
            assert_eq!(elsewhere, replica, "another request may read the past: {:?}", db.replicas());
            let heir = tokio::spawn(scope::inherit({
                let db = db.clone();
                async move { port(&db).await }
            }));
            assert_eq!(heir.await.unwrap(), primary, "a task of the request is the request");
            cluster.replicas[0].resume_replay().unwrap();
            let mut seen = port(&db).await;
            while seen == primary {
                tokio::time::sleep(Duration::from_millis(5)).await;
                seen = port(&db).await;
            }
            assert_eq!(number(&db, n).await.unwrap(), 7, "and then the replica has it");
        })
        .await;

        // whatever is written, however it is written
        for (at, write) in [
            "UPDATE counters SET n = n + 1 WHERE id = 0",
            "INSERT INTO counters VALUES (100, 1)",
            "DELETE FROM counters WHERE id = 100",
        ]
        .into_iter()
        .enumerate()
        {
            cluster.catch_up();
            cluster.replicas[0].pause_replay().unwrap();
            scope::enter(async {
                match at {
                    0 => drop(db.query_all_raw(sql(&db, write)).await),
                    1 => drop(db.execute_unprepared(write).await.unwrap()),
                    _ => {
                        let work = || async { Ok(db.execute_raw(sql(&db, write)).await?) };
                        let done: Result<_, Error> = db.transaction(work).await;
                        assert_eq!(done.unwrap().rows_affected(), 1);
                    }
                }
                assert_eq!(port(&db).await, primary, "{write}");
            })
            .await;
            scope::enter(async { assert_eq!(port(&db).await, replica) }).await;
            cluster.replicas[0].resume_replay().unwrap();
        }
        assert_eq!(db.on_primary(number(&db, n)).await.unwrap(), 8);
    }
}

on_every_cluster! {
    async fn a_position_is_seen_in_another_process(cluster: 1) {
        // two handles know nothing of each other, as two processes
        let (here, there) = (cluster.db().await, cluster.db().await);
        let (primary, replica) = (cluster.primary_port(), cluster.replica_ports()[0]);
        cluster.replicas[0].pause_replay().unwrap();

        let session = here.session("ann");
        let write = here.execute_unprepared("UPDATE counters SET n = 5 WHERE id = 0");
        scope::enter(session.run(write)).await.unwrap();
        let again = scope::enter(here.session("ann").run(port(&here))).await;
        assert_eq!(again, primary, "the session is remembered by its name");
        let other = scope::enter(here.session("bob").run(port(&here))).await;
        assert_eq!(other, replica);

        let token = session.position().await.unwrap().unwrap().to_string();
        let position = || token.parse().unwrap();
        scope::enter(async {
            assert_eq!(port(&there).await, replica, "without the token");
            assert_eq!(there.after(position(), port(&there)).await, primary);
        })
        .await;
        let foreign = "postgresql:0/1,".parse::<atlas_db::Position>();
        assert!(foreign.is_err());

        cluster.replicas[0].resume_replay().unwrap();
        until("the replica to have it", || {
            cluster.replicas[0].catch_up(&cluster.primary).is_ok()
        })
        .await;
        let mut served_by = primary;
        while served_by == primary {
            let read = there.after(position(), port(&there));
            served_by = scope::enter(read).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let n = number(&there, "SELECT n FROM counters WHERE id = 0");
        assert_eq!(scope::enter(there.after(position(), n)).await.unwrap(), 5);
    }
}

on_every_cluster! {
    async fn a_read_on_a_replica_takes_as_long_as_it_may(cluster: 1) {
        let second = Duration::from_secs(1);
        let db = cluster.db_with(|config| config.statement_timeout = second.into()).await;
        let replica = cluster.replica_ports()[0];
        let (endless, long) = match engine(&db) {
            Engine::Postgres => ("SELECT {port} FROM pg_sleep(600)", "SELECT {port} FROM pg_sleep(3)"),
            // a sleep that is interrupted is no error to these
            _ => (
                "SELECT {port} + 0 * count(*) FROM information_schema.columns a, information_schema.columns b, \
                 information_schema.columns c",
                "SELECT {port} + 0 * SLEEP(3)",
            ),
        };
        let bounded = Error::from(scope::enter(number(&db, endless)).await.unwrap_err());
        assert!(bounded.is_overdue(), "{bounded}");
        let unbounded = db.without_statement_timeout(scope::enter(number(&db, long)));
        assert_eq!(unbounded.await.unwrap(), replica);
    }
}
