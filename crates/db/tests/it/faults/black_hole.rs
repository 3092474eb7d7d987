//! A server that does not answer any more, while every connection seems to be open.

use std::time::Duration;

use atlas_db::{DbConfig, Error, sea_orm::ConnectionTrait};
use tokio::{sync::oneshot, time::Instant};

use super::{
    all_back,
    proxy::{Proxy, address},
};
use crate::{
    metrics::measured,
    support::{engines::on_every_server, ids, note, write},
};

/// Waiting for a connection, the sign of life of one at rest, opening another, and a statement: each is bounded, and this
/// is more than all of them.
const BOUND: Duration = Duration::from_secs(60);

on_every_server! {
    async fn callers_of_a_silent_server_fail_in_time_and_their_places_come_back(test: TestDb) {
        note::create(&test.db).await;
        let proxy = Proxy::to(address(&test.url)).await;
        let (db, scrape) = measured(DbConfig {
            max_connections: 2,
            acquire_timeout: atlas_config::Duration::from_secs(1),
            connect_timeout: atlas_config::Duration::from_secs(2),
            statement_timeout: atlas_config::Duration::from_secs(2),
            ..DbConfig::at(proxy.url(&test.url))
        })
        .await;
        write(&db, 1).await.unwrap();

        // one caller is inside of a transaction when it happens
        let (inside, silent) = (oneshot::channel::<()>(), oneshot::channel::<()>());
        let interrupted = tokio::spawn({
            let db = db.clone();
            async move {
                db.transaction(|| async {
                    write(&db, 100).await?;
                    inside.0.send(()).unwrap();
                    silent.1.await.unwrap();
                    write(&db, 101).await
                })
                .await
            }
        });
        inside.1.await.unwrap();
        proxy.fall_silent();
        let started = Instant::now();
        silent.0.send(()).unwrap();
        let callers: Vec<_> = (0..12_i64)
            .map(|at| {
                let db = db.clone();
                tokio::spawn(async move {
                    match at % 3 {
                        0 => write(&db, 200 + at).await,
                        1 => db.ping().await,
                        _ => db.transaction(|| write(&db, 300 + at)).await,
                    }
                })
            })
            .collect();
        let error: Error = interrupted.await.unwrap().unwrap_err();
        assert!(error.is_connection_lost(), "{error}");
        for caller in callers {
            let error = caller.await.unwrap().unwrap_err();
            assert!(error.is_transient(), "{error}");
            let error = atlas_core::Error::from(error);
            assert_eq!(error.kind(), atlas_core::Kind::Unavailable);
        }
        assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
        all_back(&scrape).await;

        proxy.speak();
        let healed = Instant::now();
        while let Err(error) = db.ping().await {
            assert!(healed.elapsed() < BOUND, "{error}");
        }
        // both places are there: two transactions are open at once
        let both: Result<(), Error> = db
            .transaction(|| async {
                let other = tokio::spawn({
                    let db = db.clone();
                    async move { db.transaction(|| write(&db, 3)).await }
                });
                other.await.unwrap()?;
                write(&db, 2).await
            })
            .await;
        both.unwrap();
        all_back(&scrape).await;
        // what was sent before the silence may have arrived after it, but a transaction never in part
        let kept = ids(&test.db).await;
        assert!(kept.starts_with(&[1, 2, 3]), "{kept:?}");
        assert!(!kept.iter().any(|id| matches!(id, 100 | 101)), "{kept:?}");
        db.close().await;
    }

    async fn a_connection_that_died_at_rest_is_replaced_unnoticed_by_a_reader(test: TestDb) {
        let db = test.with_notes().await;
        write(&db, 1).await.unwrap();
        let kill = match test.engine {
            atlas_db::Engine::Postgres => format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
                test.name()
            ),
            _ => {
                let list = format!(
                    "SELECT CAST(id AS CHAR) FROM information_schema.processlist WHERE db = '{}' LIMIT 1",
                    test.name()
                );
                let admin = test.open(|config| config.url = test.admin().to_owned());
                format!("KILL {}", crate::support::value(&admin, &list).await)
            }
        };
        crate::support::engines::run(test.admin(), &kill).await;
        assert_eq!(ids(&db).await, [1], "the read ran again on another connection");
        db.execute_unprepared("UPDATE notes SET words = 'written'").await.unwrap();
    }
}
