//! J14: transactions of somebody else that stay open, so that PostgreSQL can clean nothing up.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use atlas_db::{
    Db, IsolationLevel, TransactionOptions,
    sea_orm::{self, FromQueryResult},
    sql,
};
use atlas_jobs::State;
use crash::jobs::{PLACES, StoreKind, Work};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::case::{Case, PATIENCE, soaks};

/// How many others read, each in one transaction after the other.
const READERS: usize = 4;
/// How many jobs wait at least, so that nobody has nothing to do.
const WAITING: usize = 1_000;

/// How long work is watched alone, how long beside the others, how often, and how long a reader's transaction lasts.
fn times() -> [Duration; 4] {
    let times = if soaks() {
        [30, 600, 10, 30]
    } else {
        [2, 3, 1, 1]
    };
    times.map(Duration::from_secs)
}

#[derive(FromQueryResult)]
struct Count {
    count: i64,
}

async fn count(db: &Db, text: &'static str) -> usize {
    let count: Option<Count> = sql(text).one(db).await.unwrap();
    usize::try_from(count.unwrap().count).unwrap()
}

/// How much work was done in this time, a second.
async fn rate(db: &Db, during: Duration) -> f64 {
    const DONE: &str = "SELECT count(*) FROM effects";
    let (before, began) = (count(db, DONE).await, Instant::now());
    sleep(during).await;
    let after = count(db, DONE).await;
    f64::from(u32::try_from(after - before).unwrap()) / began.elapsed().as_secs_f64()
}

async fn dead_rows(db: &Db) -> usize {
    count(
        db,
        "SELECT n_dead_tup AS count FROM pg_stat_user_tables WHERE relname = 'atlas_jobs'",
    )
    .await
}

/// A transaction that does nothing any more, and does not end.
async fn hold(case: &Case, over: &CancellationToken) {
    let db = case.another_db();
    let held: Result<(), atlas_db::Error> = db
        .transaction(|| async {
            sql("SELECT pg_current_xact_id()").execute(&db).await?;
            over.cancelled().await;
            Ok(())
        })
        .await;
    held.unwrap();
    db.close().await;
}

/// One who reads the jobs as they were when the transaction began.
async fn read(case: &Case, over: &CancellationToken, long: Duration) {
    let db = case.another_db();
    let options = TransactionOptions::new().isolation(IsolationLevel::RepeatableRead);
    while !over.is_cancelled() {
        let read: Result<(), atlas_db::Error> = db
            .transaction_with(options, || async {
                let jobs = count(&db, "SELECT count(*) FROM atlas_jobs").await;
                tokio::select! {
                    () = sleep(long) => {}
                    () = over.cancelled() => {}
                }
                let still = count(&db, "SELECT count(*) FROM atlas_jobs").await;
                assert_eq!(jobs, still, "it sees what it saw");
                Ok(())
            })
            .await;
        read.unwrap();
    }
    db.close().await;
}

/// Enqueues whenever few jobs wait.
async fn feed(case: &Case, enqueued: &AtomicUsize, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let stats = case.store.stats(false).await.unwrap();
        let waiting = stats
            .queues
            .get("default")
            .and_then(|it| it.jobs.get(&State::Available));
        if waiting.is_none_or(|it| *it < WAITING as u64) {
            case.enqueue(vec![Work::default(); WAITING]).await;
            enqueued.fetch_add(WAITING, Ordering::Relaxed);
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Work goes on at half its pace at least while one transaction stays open and four others read, each job runs once, and
/// when they are gone what they kept from being cleaned up is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_of_others_that_stay_open_do_not_stop_the_work() {
    let Some(seed) = crash::seeds(module_path!()).next() else {
        return;
    };
    let Some(case) = Case::new(StoreKind::Postgres, seed).await else {
        return;
    };
    let (enqueued, fed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (over, db) = (CancellationToken::new(), case.another_db());
    let watch = async {
        let [alone, beside, step, _] = times();
        let workers = [
            case.service([(PLACES, "16")]),
            case.service([(PLACES, "16")]),
        ];
        case.written("end", 200).await;
        let base = rate(&db, alone).await;
        println!("alone: {base:.0}/s, {} dead rows", dead_rows(&db).await);
        let others = async {
            let long = times()[3];
            let readers: [_; READERS] = std::array::from_fn(|_| read(&case, &over, long));
            let [a, b, c, d] = readers;
            tokio::join!(hold(&case, &over), a, b, c, d);
        };
        let watch = async {
            let (began, mut last) = (Instant::now(), 0.0);
            while began.elapsed() < beside {
                last = rate(&db, step).await;
                println!(
                    "after {:.0?}: {last:.0}/s, {} dead rows",
                    began.elapsed(),
                    dead_rows(&db).await
                );
            }
            over.cancel();
            last
        };
        let ((), last) = tokio::join!(others, watch);
        fed.store(true, Ordering::Relaxed);
        (workers, base, last)
    };
    let ((_workers, base, last), ()) = tokio::join!(watch, feed(&case, &enqueued, &fed));
    assert!(!soaks() || last * 2.0 >= base, "{last:.0}/s of {base:.0}/s");
    let verdict = case
        .verdict_within(PATIENCE * 5, enqueued.into_inner())
        .await;
    for job in &verdict.jobs {
        assert_eq!(
            (job.state, job.attempt, job.fence),
            (State::Completed, 1, 1),
            "{job:?}"
        );
        assert_eq!(verdict.effects_of(job), 1, "{job:?}");
    }
    sql("VACUUM atlas_jobs").execute(&db).await.unwrap();
    let left = dead_rows(&db).await;
    assert!(left < 1_000, "{left} dead rows are left");
    db.close().await;
    case.remove().await;
}
