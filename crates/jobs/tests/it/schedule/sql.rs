//! The same on every database.

use std::{sync::Arc, time::Duration};

use atlas_db::sea_orm::ConnectionTrait;
use atlas_jobs::store::Misfire;
use tokio_util::sync::CancellationToken;

use super::{Process, nightly, until};
use crate::sql::engines::on_every_store;

on_every_store! {
    async fn five_running_schedulers_fire_each_second_once(test: TestStore) {
        let stop = CancellationToken::new();
        let schedule = || vec![nightly("* * * * * *").misfire(Misfire::All)];
        let mut running = tokio::task::JoinSet::new();
        let watching = Process::new(Arc::new(test.store.clone()), Vec::new());
        for _ in 0..5 {
            let process = Process::new(Arc::new(test.another(|_| ())), schedule());
            let stop = stop.clone();
            running.spawn(async move { process.scheduler.run(stop).await });
        }
        until(|| async { watching.count().await >= 4 }).await;
        stop.cancel();
        while let Some(ended) = running.join_next().await {
            ended.unwrap();
        }
        let mut ticks = Vec::new();
        let page = atlas_jobs::store::Page { after: None, limit: 1_000 };
        for job in watching.store.list(&Default::default(), page).await.unwrap() {
            let (seconds, _) = job.id.uuid().get_timestamp().unwrap().to_unix();
            ticks.push(seconds);
        }
        ticks.sort_unstable();
        let expected: Vec<_> = (ticks[0]..).take(ticks.len()).collect();
        assert_eq!(ticks, expected, "no tick is left out, and none comes twice");
        let kept = watching.schedules.list().await.unwrap().remove(0);
        let next = kept.next_tick.unwrap().timestamp();
        assert_eq!(u64::try_from(next).unwrap(), ticks[ticks.len() - 1] + 1);
    }

    async fn a_store_that_fails_for_a_while_fires_what_came_meanwhile_once(test: TestStore) {
        let schedule = vec![nightly("* * * * * *").misfire(Misfire::All)];
        let process = Process::new(Arc::new(test.store.clone()), schedule);
        let stop = CancellationToken::new();
        let scheduler = process.scheduler.clone();
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { scheduler.run(stop).await }
        });
        until(|| async { process.count().await >= 1 }).await;
        let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
        let (kept, away) = ("atlas_job_schedules", "schedules_away");
        test.db.execute_unprepared(&rename(kept, away)).await.unwrap();
        assert!(process.scheduler.fire_due().await.is_err());
        let before = process.count().await;
        let later = process.store.now().await.unwrap() + Duration::from_secs(2);
        until(|| async { process.store.now().await.unwrap() > later }).await;
        assert_eq!(process.count().await, before);
        test.db.execute_unprepared(&rename(away, kept)).await.unwrap();
        until(|| async { process.count().await >= before + 3 }).await;
        stop.cancel();
        running.await.unwrap();
        let kept = process.schedules.list().await.unwrap().remove(0);
        let page = atlas_jobs::store::Page { after: None, limit: 1_000 };
        let jobs = process.store.list(&Default::default(), page).await.unwrap();
        let first = jobs.iter().map(|it| it.id.uuid().get_timestamp().unwrap().to_unix().0).min();
        let ticks = u64::try_from(kept.next_tick.unwrap().timestamp()).unwrap() - first.unwrap();
        assert_eq!(u64::try_from(jobs.len()).unwrap(), ticks);
    }
}
