//! More callers than connections, each of which wants more than one.

use std::time::Duration;

use atlas_db::{DbConfig, Error};
use tokio::time::{Instant, timeout};

use super::all_back;
use crate::{
    metrics::measured,
    support::{engines::on_every_engine, ids, note, write},
};

const CALLERS: i64 = 64;

on_every_engine! {
    async fn nested_transactions_of_one_caller_need_one_connection(test: TestDb) {
        note::create(&test.db).await;
        let (db, scrape) = measured(DbConfig {
            max_connections: 2,
            acquire_timeout: atlas_config::Duration::from_secs(60),
            ..DbConfig::at(&test.url)
        })
        .await;
        let callers: Vec<_> = (0..CALLERS)
            .map(|at| {
                let db = db.clone();
                tokio::spawn(async move {
                    db.transaction(|| async {
                        write(&db, at).await?;
                        db.transaction(|| async {
                            write(&db, 100 + at).await?;
                            db.transaction(|| write(&db, 200 + at)).await
                        })
                        .await
                    })
                    .await
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap().unwrap();
        }
        assert_eq!(ids(&db).await.len(), 3 * CALLERS as usize);
        all_back(&scrape).await;
        db.close().await;
    }

    async fn callers_that_need_a_second_connection_fail_in_time_and_typed(test: TestDb) {
        note::create(&test.db).await;
        let (db, scrape) = measured(DbConfig {
            max_connections: 2,
            acquire_timeout: atlas_config::Duration::from_millis(300),
            ..DbConfig::at(&test.url)
        })
        .await;
        let started = Instant::now();
        let callers: Vec<_> = (0..CALLERS)
            .map(|at| {
                let db = db.clone();
                tokio::spawn(async move {
                    db.transaction(|| async {
                        write(&db, at).await?;
                        // a task of its own is outside of the transaction, and waits while the transaction waits for it
                        let outside = tokio::spawn({
                            let db = db.clone();
                            async move { db.transaction(|| write(&db, 100 + at)).await }
                        });
                        outside.await.unwrap()
                    })
                    .await
                })
            })
            .collect();
        let mut refused = 0;
        for caller in callers {
            let outcome: Result<(), Error> =
                timeout(Duration::from_secs(60), caller).await.expect("a deadlock").unwrap();
            if let Err(error) = outcome {
                assert!(error.is_transient(), "{error}");
                assert_eq!(atlas_core::Error::from(error).kind(), atlas_core::Kind::Unavailable);
                refused += 1;
            }
        }
        assert!(refused > 0, "64 callers got 128 connections out of 2");
        assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
        all_back(&scrape).await;
        write(&db, 1000).await.unwrap();
        db.close().await;
    }
}
