//! Jobs as part of the caller's transactions.

use std::{sync::Arc, time::Duration};

use atlas_db::sea_orm::ConnectionTrait;
use atlas_jobs::{
    Error, JobId, JobMetrics, Jobs, JobsConfig, State,
    store::{End, Signal, Store, Verdict},
};
use atlas_telemetry::Metrics;
use tokio::time::timeout;

use super::{LONG, end, engines::on_every_store, job, take};

on_every_store! {
    async fn jobs_are_there_if_and_only_if_the_transaction_commits(test: TestStore) {
        let (store, db) = (&test.store, &test.db);
        let (kept, dropped) = (job("a"), job("a"));
        let id = kept.id;
        let other = test.another(|_| {});
        let mut wake = other.listen().await.unwrap().unwrap();
        let mut here = store.listen().await.unwrap().unwrap();
        let undone: Result<(), Error> = db
            .transaction(|| async {
                store.enqueue(vec![dropped]).await?;
                Err(Error::Invalid("no".into()))
            })
            .await;
        assert!(matches!(undone, Err(Error::Invalid(_))));
        db.transaction(|| async {
            store.enqueue(vec![kept]).await?;
            // a claim does not join, and sees nothing of it
            if test.engine != atlas_db::Engine::Sqlite {
                assert!(take(store, "a", 5).await.jobs.is_empty());
            }
            assert!(take(&other, "a", 5).await.jobs.is_empty());
            let early = timeout(Duration::from_millis(200), here.next()).await;
            assert!(early.is_err(), "{early:?} before the commit");
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        let told = timeout(LONG, here.next()).await.unwrap();
        assert_eq!(told, Signal::Work("default".into()));
        if other.features().push {
            let told = timeout(LONG, wake.next()).await.unwrap();
            assert_eq!(told, Signal::Work("default".into()));
        }
        let jobs = take(&other, "a", 5).await.jobs;
        assert_eq!(jobs.iter().map(|it| it.id).collect::<Vec<JobId>>(), [id]);
        drop(wake);
        other.db().close().await;
    }

    async fn a_job_of_a_transaction_is_counted_when_it_commits(test: TestStore) {
        let metrics = JobMetrics::new();
        let store = Arc::new(test.store.clone());
        let jobs = Jobs::new(store, Vec::new(), &JobsConfig::for_tests()).metrics(metrics.clone());
        let counted = || {
            let text = Metrics::new(vec![Arc::new(metrics.clone())]).prometheus();
            let line = text.lines().find(|it| it.contains(r#"outcome="added""#));
            line.and_then(|it| it.rsplit(' ').next()).map(str::to_owned)
        };
        for (commit, count) in [(false, "0"), (true, "1")] {
            let ended = test.db.transaction(|| async {
                jobs.enqueue_raw("a", b"{}".to_vec()).await?;
                assert_eq!(counted().as_deref(), Some("0"), "it has not committed");
                match commit {
                    true => Ok(()),
                    false => Err(Error::Invalid("no".into())),
                }
            });
            assert_eq!(ended.await.is_ok(), commit);
            assert_eq!(counted().as_deref(), Some(count));
        }
    }

    async fn a_job_is_completed_together_with_what_its_handler_writes(test: TestStore) {
        let (store, db) = (&test.store, &test.db);
        db.execute_unprepared("CREATE TABLE effects (id INT)").await.unwrap();
        store.enqueue(vec![job("a")]).await.unwrap();
        let taken = take(store, "a", 1).await.jobs.remove(0);
        let work = |commit: bool| {
            let taken = taken.clone();
            async move {
                db.execute_unprepared("INSERT INTO effects VALUES (1)").await?;
                let verdicts = store.finish(&[end(&taken, End::Done)]).await?;
                assert_eq!(verdicts, [Verdict::Applied]);
                if commit { Ok(()) } else { Err(Error::Invalid("no".into())) }
            }
        };
        db.transaction(|| work(false)).await.unwrap_err();
        assert_eq!(store.find(taken.id).await.unwrap().unwrap().state, State::Running);
        db.transaction(|| work(true)).await.unwrap();
        assert_eq!(store.find(taken.id).await.unwrap().unwrap().state, State::Completed);
        let count = atlas_db::sql("SELECT 1 FROM effects").statement(db).unwrap();
        assert_eq!(db.query_all_raw(count).await.unwrap().len(), 1);
    }

    async fn a_lease_is_kept_while_a_transaction_completes_its_job(test: TestStore) {
        let (store, db) = (&test.store, &test.db);
        store.enqueue(vec![job("a"), job("a")]).await.unwrap();
        let taken = take(store, "a", 2).await.jobs;
        let leases: Vec<_> = taken.iter().map(|it| end(it, End::Done).lease).collect();
        if test.engine == atlas_db::Engine::Sqlite {
            // where one writes at a time, nobody else takes the job away either
            return;
        }
        let aside = store.aside();
        db.transaction(|| async {
            store.finish(&[end(&taken[0], End::Done)]).await?;
            let pulses = aside.renew(&leases, LONG).await?;
            assert_eq!(pulses, [atlas_jobs::store::Pulse::Kept; 2]);
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        let pulses = aside.renew(&leases, LONG).await.unwrap();
        assert_eq!(pulses, [atlas_jobs::store::Pulse::Lost, atlas_jobs::store::Pulse::Kept]);
        aside.close().await;
    }
}
