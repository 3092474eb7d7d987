//! At most so many at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{
    Harness,
    bench::{Bench, LONG, SHORT, by, claim, finish, job, limited},
};
use crate::{
    Reason, State,
    store::{End, NewJob},
};

/// One claim takes no more than a limit allows, and leaves those of others alone.
pub async fn a_claim_takes_no_more_than_a_limit_allows(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let jobs = (0..10).flat_map(|_| [limited("a", 2), limited("b", 3), job()]);
    bench.enqueue(jobs.collect()).await;
    let taken = bench.take(100).await;
    let of = |key: &str| {
        let limits = taken.iter().filter_map(|job| job.limit.as_ref());
        limits.filter(|limit| limit.name() == key).count()
    };
    assert_eq!((of("a"), of("b"), taken.len()), (2, 3, 15));
    assert!(bench.take(100).await.is_empty());
}

/// However a run ends, its slot is free for the next one.
pub async fn however_a_run_ends_its_slot_is_free(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench
        .enqueue((0..9).map(|_| limited("one", 1)).collect())
        .await;
    for end in [
        End::Done,
        End::Retry(LONG),
        End::Snooze(LONG),
        End::HandBack,
        End::Cancelled(String::new()),
        End::Dead(Reason::Failed),
    ] {
        let run = bench.take_one(LONG).await;
        assert!(bench.take(1).await.is_empty(), "before {end:?}");
        bench.end(&run, end).await;
    }
    let lost = bench.take_one(SHORT).await;
    assert!(bench.take(1).await.is_empty());
    assert_eq!(bench.rescued(1).await.id, lost.id, "after a crash");
    bench.take_one(LONG).await;
}

/// Many jobs whose limit is used up do not stand in the way of others, more urgent or not.
pub async fn a_limit_that_is_used_up_blocks_nobody_else(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let urgent = || NewJob {
        priority: crate::Priority::URGENT,
        ..limited("full", 1)
    };
    bench.enqueue((0..300).map(|_| urgent()).collect()).await;
    bench.add_many(5).await;
    let taken = bench.take(6).await;
    assert_eq!(taken.len(), 6, "one of the limit, and all others");
    let limited = taken.iter().filter(|job| job.limit.is_some()).count();
    assert_eq!(limited, 1);
}

/// Jobs of several kinds and queues that name a limit share it.
pub async fn jobs_that_name_a_limit_share_it(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let mut jobs: Vec<NewJob> = (0..6).map(|_| limited("shared", 2)).collect();
    for job in &mut jobs[..2] {
        job.kind = "other".to_owned();
    }
    for job in &mut jobs[2..4] {
        job.queue = "elsewhere".to_owned();
    }
    bench.enqueue(jobs).await;
    let queues = [("default", 1), ("elsewhere", 1)];
    let all = super::bench::claim_of(&["work", "other"], &queues, 10, LONG);
    let mut running = bench.claim(&all).await.jobs;
    assert_eq!(running.len(), 2, "{running:?}");
    bench.add(limited("Shared", 2)).await;
    let others = bench.claim(&all).await.jobs;
    assert_eq!(others.len(), 1, "keys are told apart byte by byte");
    for _ in 0..4 {
        bench.end(&running.remove(0), End::Done).await;
        let next = bench.claim(&all).await.jobs;
        assert_eq!(next.len(), 1);
        running.extend(next);
    }
    assert!(bench.claim(&all).await.jobs.is_empty());
}

/// However many claim at a time, no more than the limit run, and in the end all have.
pub async fn a_limit_holds_however_many_claim(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    const JOBS: usize = 60;
    bench
        .enqueue((0..JOBS).map(|_| limited("three", 3)).collect())
        .await;
    let (running, most, done) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
    );
    bench
        .race(8, |_, store| {
            let (running, most, done) = (running.clone(), most.clone(), done.clone());
            async move {
                for _ in 0..20_000 {
                    if done.load(Ordering::SeqCst) == JOBS {
                        return;
                    }
                    let jobs = store.claim(&claim(5, LONG)).await.expect("an answer").jobs;
                    let now = running.fetch_add(jobs.len(), Ordering::SeqCst) + jobs.len();
                    most.fetch_max(now, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    // given back here first, or one who is faster would be counted before
                    running.fetch_sub(jobs.len(), Ordering::SeqCst);
                    let ends: Vec<_> = jobs.iter().map(|job| finish(job, End::Done)).collect();
                    store.finish(&ends).await.expect("an answer");
                    done.fetch_add(jobs.len(), Ordering::SeqCst);
                }
            }
        })
        .await;
    assert_eq!(done.load(Ordering::SeqCst), JOBS, "all had their turn");
    let most = most.load(Ordering::SeqCst);
    assert!(most <= 3, "{most} at a time");
}

/// The slots of workers that died are free after the rescue, and not before.
pub async fn the_slots_of_the_dead_are_free_after_their_rescue(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench
        .enqueue((0..6).map(|_| limited("three", 3)).collect())
        .await;
    assert_eq!(bench.claim(&claim(6, SHORT)).await.jobs.len(), 3);
    bench.pass(SHORT * 2).await;
    assert!(bench.take(6).await.is_empty(), "they may still run");
    for _ in 0..3 {
        bench.rescued(5).await;
    }
    assert_eq!(bench.take(6).await.len(), 3);
    assert!(bench.take(6).await.is_empty());
}

/// A limited job that is called off while it waits has no slot to give back.
pub async fn a_limit_counts_only_what_runs(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let waiting = bench.add(limited("one", 1)).await;
    let running = bench.add(NewJob {
        priority: crate::Priority::URGENT,
        ..limited("one", 1)
    });
    let running = running.await;
    assert_eq!(bench.take_one(LONG).await.id, running);
    bench
        .store
        .cancel(waiting, &by())
        .await
        .expect("it is called off");
    bench.add(limited("one", 1)).await;
    assert!(bench.take(1).await.is_empty());
    assert_eq!(bench.state(running).await, State::Running);
}
