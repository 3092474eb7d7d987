//! Messages of PostgreSQL, and handles beside the one of the service.

use std::time::Duration;

use atlas_db::{Db, DbConfig, Engine, Error, Notice, sea_orm::ConnectionTrait, sql};
use tokio::time::timeout;

use crate::{
    faults::proxy::{Proxy, address},
    support::{
        engines::{fresh, on_every_engine},
        value,
    },
};

const LONG: Duration = Duration::from_secs(30);

fn message(channel: &str, payload: &str) -> Notice {
    Notice::Message {
        channel: channel.into(),
        payload: payload.into(),
    }
}

async fn say(db: &Db, channel: &str, payload: &str) {
    let say = sql("SELECT CAST(pg_notify(?, ?) AS TEXT)");
    let say = say.bind(channel).bind(payload).statement(db).unwrap();
    db.query_one_raw(say).await.unwrap();
}

#[tokio::test]
async fn what_is_committed_is_heard_and_what_is_not_is_not() {
    let Some(test) = fresh(Engine::Postgres).await else {
        return;
    };
    let mut listener = test.db.listen(&["tea", "time"]).await.unwrap();
    let undone: Result<(), Error> = test
        .db
        .transaction(|| async {
            say(&test.db, "tea", "never").await;
            Err(atlas_db::sea_orm::DbErr::Custom("no".into()).into())
        })
        .await;
    undone.unwrap_err();
    say(&test.db, "cake", "not listened to").await;
    say(&test.db, "time", "five").await;
    let heard = timeout(LONG, listener.next()).await.unwrap();
    assert_eq!(heard, message("time", "five"));
    drop(listener);
    test.remove().await;
}

#[tokio::test]
async fn a_lost_connection_is_a_gap_and_then_messages_come_again() {
    let Some(test) = fresh(Engine::Postgres).await else {
        return;
    };
    let mut listener = test.db.listen(&["tea"]).await.unwrap();
    let kill = "SELECT CAST(count(pg_terminate_backend(pid)) AS TEXT) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'";
    assert_eq!(value(&test.db, kill).await, "1");
    assert_eq!(timeout(LONG, listener.next()).await.unwrap(), Notice::Gap);
    say(&test.db, "tea", "again").await;
    let heard = timeout(LONG, listener.next()).await.unwrap();
    assert_eq!(heard, message("tea", "again"));
    drop(listener);
    test.remove().await;
}

#[tokio::test]
async fn a_server_that_falls_silent_is_noticed_and_heard_again_when_it_speaks() {
    let Some(test) = fresh(Engine::Postgres).await else {
        return;
    };
    let proxy = Proxy::to(address(&test.url)).await;
    let db = Db::new(&DbConfig {
        acquire_timeout: atlas_config::Duration::from_secs(1),
        connect_timeout: atlas_config::Duration::from_secs(1),
        statement_timeout: atlas_config::Duration::from_secs(1),
        ..DbConfig::at(proxy.url(&test.url))
    })
    .unwrap();
    let mut listener = db.listen(&["tea"]).await.unwrap();
    say(&test.db, "tea", "one").await;
    let heard = timeout(LONG, listener.next()).await.unwrap();
    assert_eq!(heard, message("tea", "one"));
    proxy.fall_silent();
    // nothing ends the connection: only that the listener does not hear itself
    let heard = timeout(2 * LONG, listener.next()).await.unwrap();
    assert!(matches!(heard, Notice::Deaf { .. }), "{heard:?}");
    proxy.speak();
    assert_eq!(timeout(LONG, listener.next()).await.unwrap(), Notice::Gap);
    say(&test.db, "tea", "two").await;
    let heard = timeout(LONG, listener.next()).await.unwrap();
    assert_eq!(heard, message("tea", "two"));
    drop(listener);
    db.close().await;
    test.remove().await;
}

#[tokio::test]
async fn a_server_that_is_away_at_first_is_listened_to_when_it_is_there() {
    let Some(test) = fresh(Engine::Postgres).await else {
        return;
    };
    let proxy = Proxy::to(address(&test.url)).await;
    proxy.fall_silent();
    let db = Db::new(&DbConfig::at(proxy.url(&test.url))).unwrap();
    let mut listener = db.listen(&["tea"]).await.unwrap();
    let heard = timeout(LONG, listener.next()).await.unwrap();
    assert!(matches!(heard, Notice::Deaf { .. }), "{heard:?}");
    proxy.speak();
    assert_eq!(timeout(LONG, listener.next()).await.unwrap(), Notice::Gap);
    say(&test.db, "tea", "time").await;
    let heard = timeout(LONG, listener.next()).await.unwrap();
    assert_eq!(heard, message("tea", "time"));
    drop(listener);
    db.close().await;
    test.remove().await;
}

on_every_engine! {
    async fn only_postgresql_can_be_listened_to(test: TestDb) {
        let listener = test.db.listen(&["tea"]).await;
        match test.engine {
            Engine::Postgres => drop(listener.unwrap()),
            _ => assert!(listener.unwrap_err().is_unsupported()),
        }
    }

    async fn work_outside_of_a_transaction_does_not_see_it(test: TestDb) {
        test.db.execute_unprepared("CREATE TABLE t (id INT)").await.unwrap();
        let db = &test.db;
        db.transaction(|| async {
            db.execute_unprepared("INSERT INTO t VALUES (1)").await?;
            let count = "SELECT count(*) FROM t";
            assert_eq!(value(db, count).await, "1");
            assert_eq!(db.outside(value(db, count)).await, "0");
            assert!(db.in_transaction() && !db.outside(async { db.in_transaction() }).await);
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    }

    async fn a_handle_beside_has_connections_when_all_others_are_in_use(test: TestDb) {
        let db = test.open(|config| config.max_connections = 1);
        let beside = db.beside(1);
        db.transaction(|| async {
            assert_eq!(value(&db, "SELECT 1").await, "1");
            beside.ping().await
        })
        .await
        .unwrap();
        beside.close().await;
        db.close().await;
    }
}
