//! Crowds, and databases that cannot.

use std::{collections::HashSet, sync::Arc};

use atlas_db::{Db, DbConfig, Engine, sea_orm::ConnectionTrait};
use atlas_jobs::{
    Error, JobId, Limit, OnConflict, State, Until,
    sql::SqlStore,
    store::{End, Store, UniqueKey, Verdict},
};
use tokio::task::JoinSet;

use super::{
    end,
    engines::{fresh, on_every_store},
    job, take,
};

/// Takes and completes jobs until there are none, and says which.
async fn work(store: Arc<SqlStore>) -> Vec<JobId> {
    let mut done = Vec::new();
    loop {
        let jobs = take(&*store, "a", 7).await.jobs;
        if jobs.is_empty() {
            let left = store.stats(false).await.unwrap();
            if left.queues.values().all(|it| it.jobs.is_empty()) {
                return done;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            continue;
        }
        let ends: Vec<_> = jobs.iter().map(|job| end(job, End::Done)).collect();
        let verdicts = store.finish(&ends).await.unwrap();
        assert!(verdicts.iter().all(|it| *it == Verdict::Applied));
        done.extend(jobs.iter().map(|it| it.id));
    }
}

on_every_store! {
    async fn a_crowd_on_two_connections_runs_each_job_once(test: TestStore) {
        let store = Arc::new(test.another(|config| {
            config.max_connections = 2;
            config.acquire_timeout = atlas_config::Duration::from_secs(60);
        }));
        let jobs = (0..600).map(|index| {
            let mut job = job("a");
            job.limit = (index % 10 == 0).then(|| Limit::key(index % 3, 4));
            job.unique = (index % 5 == 0).then(|| UniqueKey {
                key: format!("a:{index}"),
                until: Until::Finished,
                on_conflict: OnConflict::Skip,
            });
            job
        });
        let jobs: Vec<_> = jobs.collect();
        let all: HashSet<JobId> = jobs.iter().map(|it| it.id).collect();
        let mut crowd = JoinSet::new();
        for some in jobs.chunks(20) {
            let (store, some) = (Arc::clone(&store), some.to_vec());
            crowd.spawn(async move {
                store.enqueue(some).await.unwrap();
            });
        }
        crowd.join_all().await;
        let mut crowd = JoinSet::new();
        for _ in 0..64 {
            crowd.spawn(work(Arc::clone(&store)));
        }
        let done: Vec<JobId> = crowd.join_all().await.into_iter().flatten().collect();
        assert_eq!(done.len(), all.len(), "each once");
        assert_eq!(done.into_iter().collect::<HashSet<_>>(), all);
        store.db().close().await;
    }

    async fn missing_tables_are_told_with_the_way_out(test: TestStore) {
        test.db.execute_unprepared("DROP TABLE atlas_job_queues").await.unwrap();
        let refused = test.store.prepare().await.unwrap_err();
        let Error::Refused(why) = &refused else { panic!("{refused:?}") };
        assert!(why.to_string().contains("`migrate up`"), "{why}");
        test.db.close().await;
        let closed = test.store.ping().await.unwrap_err();
        assert!(closed.is_transient(), "{closed:?}");
    }
}

#[tokio::test]
async fn a_full_database_refuses_jobs_and_takes_them_when_there_is_room() {
    let test = fresh(Engine::Sqlite).await.unwrap();
    let (store, db) = (&test.store, &test.db);
    // as full as it may get
    let pages = "PRAGMA max_page_count = 60";
    db.execute_unprepared(pages).await.unwrap();
    let large = || {
        let mut job = job("a");
        job.payload = vec![7; 100_000];
        job
    };
    let mut taken = 0;
    let refused = loop {
        match store.enqueue(vec![large(), large()]).await {
            Ok(_) => taken += 2,
            Err(error) => break error,
        }
        assert!(taken < 1000);
    };
    assert!(matches!(refused, Error::Refused(_)), "{refused:?}");
    let stats = store.stats(true).await.unwrap();
    let waiting = stats.queues.get("default");
    let waiting = waiting.map_or(0, |it| it.jobs[&State::Available]);
    assert_eq!(waiting, taken, "all or none");
    db.execute_unprepared("PRAGMA max_page_count = 100000")
        .await
        .unwrap();
    store.enqueue(vec![large(), large()]).await.unwrap();
    test.remove().await;
}

#[tokio::test]
async fn a_database_that_may_only_be_read_refuses_jobs() {
    let test = fresh(Engine::Sqlite).await.unwrap();
    let config = DbConfig::at(format!("{}?mode=ro", test.url));
    let store = SqlStore::new(Db::new(&config).unwrap());
    let refused = store.enqueue(vec![job("a")]).await.unwrap_err();
    assert!(matches!(refused, Error::Refused(_)), "{refused:?}");
    assert!(!refused.is_transient());
    store.db().close().await;
    test.remove().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let store =
        SqlStore::new(Db::new(&DbConfig::at("postgres://nobody@127.0.0.1:1/jobs")).unwrap());
    let failed = store.enqueue(vec![job("a")]).await.unwrap_err();
    assert!(
        matches!(failed, Error::Unavailable(_)) || !failed.is_transient(),
        "{failed:?}"
    );
    assert!(store.claim(&super::claim_of(&["a"], 1)).await.is_err());
}
