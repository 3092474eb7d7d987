//! Jobs that go through a table to a store elsewhere.

use std::{sync::Arc, time::Duration};

use atlas_db::{
    sea_orm::{self, FromQueryResult},
    sql,
};
use atlas_jobs::{
    Error, JobId, MemoryStore, OnConflict, Until,
    outbox::Outbox,
    store::{Run, Store, Transactions, UniqueKey},
};
use tokio_util::sync::CancellationToken;

use super::{LONG, engines::on_every_store, job, take};

#[derive(Debug, FromQueryResult)]
struct Parked {
    last_error: String,
}

on_every_store! {
    async fn a_committed_job_is_moved_and_one_that_was_rolled_back_is_not(test: TestStore) {
        let elsewhere = Arc::new(MemoryStore::new());
        let outbox = Outbox::new(elsewhere.clone(), test.db.clone());
        outbox.prepare().await.unwrap();
        assert_eq!(outbox.features().transactions, Transactions::Outbox);
        let (first, second, undone, direct) = (job("a"), job("a"), job("a"), job("b"));
        let expected = [first.id, second.id];
        let failed: Result<(), Error> = test
            .db
            .transaction(|| async {
                outbox.enqueue(vec![undone]).await?;
                Err(Error::Invalid("no".into()))
            })
            .await;
        failed.unwrap_err();
        test.db
            .transaction(|| async {
                let told = outbox.enqueue(vec![first, second]).await?;
                assert!(told.iter().all(|it| it.is_new()));
                assert_eq!(outbox.drain().await?, 0, "nothing moves before the commit");
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
        outbox.enqueue(vec![direct]).await.unwrap();
        assert_eq!(take(&*elsewhere, "b", 5).await.jobs.len(), 1, "outside of a transaction it goes at once");
        assert!(take(&*elsewhere, "a", 5).await.jobs.is_empty());
        assert_eq!(outbox.backlog().await.unwrap().0, 2);
        assert_eq!(outbox.drain().await.unwrap(), 2);
        let jobs = take(&*elsewhere, "a", 5).await.jobs;
        assert_eq!(jobs.iter().map(|it| it.id).collect::<Vec<JobId>>(), expected);
        assert_eq!(outbox.backlog().await.unwrap(), (0, Duration::ZERO));
    }

    async fn the_relay_moves_what_is_committed_without_being_asked(test: TestStore) {
        let elsewhere = Arc::new(MemoryStore::new());
        let outbox = Outbox::new(elsewhere.clone(), test.db.clone());
        let stop = CancellationToken::new();
        let relays: Vec<_> = (0..2)
            .map(|_| {
                let (outbox, stop) = (outbox.clone(), stop.clone());
                tokio::spawn(async move { outbox.run(stop).await })
            })
            .collect();
        for round in 0..20 {
            let mut new = job("a");
            new.payload = vec![round];
            if round == 7 {
                new.run = Run::In(LONG);
            }
            test.db
                .transaction(|| async { outbox.enqueue(vec![new]).await })
                .await
                .unwrap();
        }
        let mut seen = 0;
        let all = tokio::time::timeout(LONG, async {
            while seen < 19 {
                seen += take(&*elsewhere, "a", 50).await.jobs.len();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        all.await.unwrap();
        stop.cancel();
        for relay in relays {
            relay.await.unwrap();
        }
        assert_eq!(outbox.drain().await.unwrap(), 0);
        let stats = elsewhere.stats(true).await.unwrap();
        let waiting = stats.queues["default"].jobs[&atlas_jobs::State::Scheduled];
        assert_eq!((seen, waiting), (19, 1), "each is there once");
    }

    async fn a_job_that_was_moved_but_not_forgotten_is_there_once(test: TestStore) {
        let elsewhere = Arc::new(MemoryStore::new());
        let outbox = Outbox::new(elsewhere.clone(), test.db.clone());
        let new = job("a");
        let again = new.clone();
        test.db
            .transaction(|| async { outbox.enqueue(vec![again]).await })
            .await
            .unwrap();
        // a relay ended between moving and forgetting
        elsewhere.enqueue(vec![new]).await.unwrap();
        assert_eq!(take(&*elsewhere, "a", 5).await.jobs.len(), 1);
        assert_eq!(outbox.drain().await.unwrap(), 1);
        assert!(take(&*elsewhere, "a", 5).await.jobs.is_empty());
    }

    async fn what_can_never_be_moved_stays_with_the_reason_and_the_others_go_on(test: TestStore) {
        let elsewhere = Arc::new(MemoryStore::new());
        let outbox = Outbox::new(elsewhere.clone(), test.db.clone());
        let sound: Vec<_> = (0..5).map(|_| job("a")).collect();
        let mut refused = job("a");
        refused.unique = Some(UniqueKey {
            key: "k".repeat(5000),
            until: Until::Finished,
            on_conflict: OnConflict::Skip,
        });
        let mut all = sound.clone();
        all.insert(2, refused);
        test.db
            .transaction(|| async { outbox.enqueue(all.clone()).await })
            .await
            .unwrap();
        let spoil = sql("UPDATE atlas_job_outbox SET job = ? WHERE id = ?");
        let spoil = spoil.bind(b"{".to_vec()).bind(sound[4].id.uuid());
        spoil.execute(&test.db).await.unwrap();
        outbox.drain().await.unwrap();
        assert_eq!(take(&*elsewhere, "a", 50).await.jobs.len(), 4);
        assert_eq!(outbox.backlog().await.unwrap().0, 2, "both are kept");
        assert_eq!(outbox.drain().await.unwrap(), 0, "and stand in nobody's way");
        let words: Vec<Parked> = sql("SELECT last_error FROM atlas_job_outbox ORDER BY seq")
            .all(&test.db)
            .await
            .unwrap();
        assert!(words[0].last_error.contains("key") && words[1].last_error.contains("holds no job"), "{words:?}");
    }
}
