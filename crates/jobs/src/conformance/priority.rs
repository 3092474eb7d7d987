//! Which job comes first.

use std::time::Duration;

use super::{
    Harness,
    bench::{Bench, delayed, job},
};
use crate::{
    JobId, Priority,
    store::{NewJob, Run},
};

async fn order(bench: &Bench<'_>) -> Vec<JobId> {
    let mut order = Vec::new();
    while let Some(job) = bench.take(1).await.pop() {
        order.push(job.id);
    }
    order
}

/// More urgent jobs come first, and among equals those that came first.
pub async fn the_most_urgent_job_comes_first(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let mut expected = Vec::new();
    for level in [9, 5, 0, 2, 8] {
        let new = NewJob {
            priority: Priority::new(level),
            ageing: Duration::from_secs(3600),
            ..job()
        };
        expected.push((level, bench.add(new).await));
        // so that the next one is later by the clock of the store
        bench.pass(Duration::from_millis(2)).await;
    }
    let again = NewJob {
        priority: Priority::HIGH,
        ageing: Duration::from_secs(3600),
        ..job()
    };
    expected.push((2, bench.add(again).await));
    expected.sort_by_key(|(level, _)| *level);
    let expected: Vec<JobId> = expected.into_iter().map(|(_, id)| id).collect();
    let all: Vec<JobId> = bench.take(3).await.iter().map(|job| job.id).collect();
    assert_eq!(all, expected[..3], "within one claim");
    assert_eq!(
        order(&bench).await,
        expected[3..],
        "and from claim to claim"
    );
}

/// A job that has waited long enough is as urgent as one of a higher priority: nobody starves.
pub async fn a_job_that_has_waited_comes_first_at_last(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let step = Duration::from_millis(10);
    let of = |level, ageing| NewJob {
        priority: Priority::new(level),
        ageing,
        ..job()
    };
    let patient = bench.add(of(9, step)).await;
    let slow = bench.add(of(9, Duration::from_secs(3600))).await;
    // nine levels of ten milliseconds, and some more
    bench.pass(Duration::from_millis(150)).await;
    let urgent = bench.add(of(0, step)).await;
    let low = bench.add(of(9, step)).await;
    assert_eq!(order(&bench).await, [patient, urgent, low, slow]);
}

/// A delayed job waits from the time at which it may run, not from when it was enqueued.
pub async fn waiting_counts_from_when_a_job_may_run(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    // longer than a busy machine takes to add the next one
    let wait = Duration::from_secs(2);
    let delayed = bench.add(delayed(wait)).await;
    let at_once = bench.add(job()).await;
    let at = bench.job(delayed).await.run_at;
    bench
        .until("the delayed job is due", async || {
            (bench.now().await > at).then_some(())
        })
        .await;
    let late = bench.add(job()).await;
    let past = NewJob {
        run: Run::At(crate::Time::UNIX_EPOCH),
        ..job()
    };
    bench.pass(Duration::from_millis(2)).await;
    let past = bench.add(past).await;
    assert_eq!(order(&bench).await, [at_once, delayed, late, past]);
}
