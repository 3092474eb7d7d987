//! Jobs as a part of the caller's database transaction.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    Harness,
    bench::{Bench, LONG, claim, failure, finish, job, lease, unique},
};
use crate::{
    JobRecord, State,
    store::{End, Pulse, Transactions, Verdict},
};

/// A store whose jobs are part of transactions.
async fn open(harness: &dyn Harness) -> Option<Bench<'_>> {
    let bench = Bench::open(harness).await?;
    let same = bench.store.features().transactions == Transactions::Same;
    same.then_some(bench)
}

/// A job of a transaction that is rolled back was never there, and holds no key.
pub async fn a_job_of_a_transaction_that_is_rolled_back_was_never_there(harness: &dyn Harness) {
    let Some(bench) = open(harness).await else {
        return;
    };
    let (plain, keyed) = (job(), unique("one"));
    let work = async {
        bench.enqueue(vec![plain.clone(), keyed.clone()]).await;
    };
    harness.transaction(Box::pin(work), false).await;
    for id in [plain.id, keyed.id] {
        assert!(bench.store.find(id).await.expect("an answer").is_none());
    }
    assert!(bench.take(10).await.is_empty());
    bench.add(unique("one")).await;
    bench.add(plain).await;
}

/// A job of a transaction is there when it is committed, and no worker starts it before.
pub async fn a_job_of_a_transaction_starts_after_its_commit(harness: &dyn Harness) {
    let Some(bench) = open(harness).await else {
        return;
    };
    let (over, seen) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let worker = tokio::spawn({
        let (store, over, seen) = (bench.store.clone(), over.clone(), seen.clone());
        async move {
            loop {
                // a database with one writer may let a claim wait in vain
                let claimed = store.claim(&claim(10, LONG)).await;
                if let Ok(claimed) = claimed
                    && !claimed.jobs.is_empty()
                {
                    assert!(
                        over.load(Ordering::SeqCst),
                        "it was started before the commit"
                    );
                    return claimed.jobs;
                }
                seen.store(true, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
    let new = job();
    let work = async {
        bench.add(new.clone()).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        over.store(true, Ordering::SeqCst);
    };
    harness.transaction(Box::pin(work), true).await;
    let jobs = tokio::time::timeout(Duration::from_secs(60), worker).await;
    let jobs: Vec<JobRecord> = jobs.expect("it starts at last").expect("not before");
    assert_eq!(jobs.iter().map(|job| job.id).collect::<Vec<_>>(), [new.id]);
}

/// Those who listen are told of a job when its transaction is committed.
pub async fn listeners_are_told_after_the_commit(harness: &dyn Harness) {
    let Some(bench) = open(harness).await else {
        return;
    };
    let Some(mut wake) = bench.store.listen().await.expect("an answer") else {
        return;
    };
    let work = async {
        bench.add(job()).await;
    };
    harness.transaction(Box::pin(work), true).await;
    super::listen::hears_work(&mut *wake, "default").await;
    assert_eq!(bench.take(10).await.len(), 1);
}

/// A completion that is rolled back has not happened: the job still runs, under the same lease.
pub async fn a_completion_that_is_rolled_back_has_not_happened(harness: &dyn Harness) {
    let Some(bench) = open(harness).await else {
        return;
    };
    bench.add(unique("one")).await;
    let running = bench.take_one(LONG).await;
    let work = async {
        let mut end = finish(&running, End::Done);
        end.failure = Some(failure(&running, "never kept"));
        assert_eq!(bench.finish(end).await, Verdict::Applied);
    };
    harness.transaction(Box::pin(work), false).await;
    assert_eq!(bench.job(running.id).await, running);
    assert!(bench.failures(running.id).await.is_empty());
    let pulse = bench.store.renew(&[lease(&running)], LONG).await;
    assert_eq!(pulse.expect("an answer"), [Pulse::Kept]);
    bench.end(&running, End::Done).await;
}

/// A completion is there when its transaction is committed, together with what was enqueued in it.
pub async fn a_completion_is_committed_with_the_rest(harness: &dyn Harness) {
    let Some(bench) = open(harness).await else {
        return;
    };
    let (running, next) = (bench.running().await, job());
    let work = async {
        bench.end(&running, End::Done).await;
        bench.add(next.clone()).await;
    };
    harness.transaction(Box::pin(work), true).await;
    assert_eq!(bench.state(running.id).await, State::Completed);
    assert_eq!(bench.take_one(LONG).await.id, next.id);
    assert_eq!(
        bench.finish(finish(&running, End::Done)).await,
        Verdict::Stale
    );
}

/// A lost lease is noticed within a transaction, so that it can be rolled back.
pub async fn a_lost_lease_is_noticed_within_a_transaction(harness: &dyn Harness) {
    let Some(bench) = open(harness).await else {
        return;
    };
    bench.add(job()).await;
    let stale = bench.take_one(super::bench::SHORT).await;
    bench.rescued(10).await;
    let owner = bench.take_one(LONG).await;
    let work = async {
        let verdict = bench.finish(finish(&stale, End::Done)).await;
        assert_eq!(verdict, Verdict::Stale);
    };
    harness.transaction(Box::pin(work), true).await;
    assert_eq!(bench.job(owner.id).await, owner);
}

/// What is left for after the commit is done then, never after a rollback, and at once where there is no transaction.
pub async fn what_is_left_for_the_commit_is_done_if_and_only_if_it_comes(harness: &dyn Harness) {
    let Some(bench) = open(harness).await else {
        return;
    };
    let done = Arc::new(AtomicBool::new(false));
    let leave = || {
        let done = Arc::clone(&done);
        let then = Box::new(move || done.store(true, Ordering::SeqCst));
        bench.store.after_commit(then)
    };
    for commit in [false, true] {
        let work = async {
            leave().await;
            assert!(!done.load(Ordering::SeqCst), "it was done too early");
        };
        harness.transaction(Box::pin(work), commit).await;
        assert_eq!(done.load(Ordering::SeqCst), commit, "committed: {commit}");
    }
    done.store(false, Ordering::SeqCst);
    leave().await;
    assert!(done.load(Ordering::SeqCst), "there is nothing to wait for");
}
