//! Learning of work without asking.

use std::{sync::Arc, time::Duration};

use super::{
    Harness,
    bench::{Bench, LONG, QUEUE, by, delayed, job},
};
use crate::{
    State,
    store::{End, NewJob, Signal, Store, Wake},
};

/// How long a signal may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until a listener is told this, or that it may have missed something.
async fn hears(wake: &mut dyn Wake, expected: &Signal) {
    let heard = tokio::time::timeout(PATIENCE, async {
        loop {
            let signal = wake.next().await;
            if signal == *expected || signal == Signal::Gap {
                return;
            }
        }
    });
    assert!(heard.await.is_ok(), "{expected:?} is told");
}

/// Waits until a listener is told of work in a queue.
pub(super) async fn hears_work(wake: &mut dyn Wake, queue: &str) {
    hears(wake, &Signal::Work(queue.to_owned())).await;
}

/// A listener, and the handles whose doings it is to hear of: those of its process, and of others if the store tells them.
async fn listen(bench: &Bench<'_>) -> Option<(Box<dyn Wake>, Vec<Arc<dyn Store>>)> {
    let features = bench.store.features();
    let wake = bench.store.listen().await.expect("an answer");
    assert!(
        wake.is_some() || !features.push,
        "a store that pushes can be listened to"
    );
    let handles = if features.push { 2 } else { 1 };
    Some((wake?, bench.handles(handles).await))
}

/// Whoever listens is told of new jobs, of those for later too.
pub async fn listeners_are_told_of_new_jobs(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let Some((mut wake, handles)) = listen(&bench).await else {
        return;
    };
    for store in handles {
        store.enqueue(vec![job()]).await.expect("a job is taken");
        hears_work(&mut *wake, QUEUE).await;
        let elsewhere = NewJob {
            queue: "elsewhere".to_owned(),
            ..delayed(LONG)
        };
        store
            .enqueue(vec![job(), elsewhere])
            .await
            .expect("jobs are taken");
        hears_work(&mut *wake, "elsewhere").await;
    }
}

/// All who listen are told, and what comes while they do not wait is not lost.
pub async fn what_comes_while_nobody_waits_is_not_lost(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let Some((mut wake, _)) = listen(&bench).await else {
        return;
    };
    let Some((mut other, _)) = listen(&bench).await else {
        return;
    };
    // one that was waited for in vain tells later what it was not asked for
    let short = Duration::from_millis(30);
    while tokio::time::timeout(short, wake.next()).await.is_ok() {}
    bench.add(job()).await;
    bench.pass(Duration::from_millis(50)).await;
    hears_work(&mut *wake, QUEUE).await;
    hears_work(&mut *other, QUEUE).await;
    drop(other);
    bench.add(job()).await;
    hears_work(&mut *wake, QUEUE).await;
}

/// Whoever listens is told of jobs that can run again: handed back, retried, and of queues that go on.
pub async fn listeners_are_told_of_jobs_that_can_run_again(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let dead = bench.in_state(State::Dead).await;
    let running = bench.running().await;
    let Some((mut wake, _)) = listen(&bench).await else {
        return;
    };
    bench.end(&running, End::HandBack).await;
    hears_work(&mut *wake, QUEUE).await;
    bench.store.retry(dead, &by()).await.expect("it is retried");
    hears_work(&mut *wake, QUEUE).await;
    bench.store.pause(QUEUE, &by()).await.expect("it is paused");
    hears(&mut *wake, &Signal::Control).await;
    bench.store.resume(QUEUE, &by()).await.expect("it goes on");
    hears_work(&mut *wake, QUEUE).await;
}

/// Whoever listens is told when a running job is called off.
pub async fn listeners_are_told_when_a_running_job_is_called_off(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let Some((mut wake, handles)) = listen(&bench).await else {
        return;
    };
    for store in handles {
        let running = bench.running().await;
        store
            .cancel(running.id, &by())
            .await
            .expect("it is called off");
        hears(&mut *wake, &Signal::Control).await;
        bench.end(&running, End::Done).await;
    }
}

/// Whoever listens is told when a schedule is added, changed, paused, resumed or removed.
pub async fn listeners_are_told_of_changes_of_schedules(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let Some((mut wake, handles)) = listen(&bench).await else {
        return;
    };
    for store in handles {
        let mut schedule = super::schedule::schedule("s", 1);
        for cron in ["0 3 * * *", "0 4 * * *"] {
            cron.clone_into(&mut schedule.cron);
            let put = store.put_schedule(&schedule, &by()).await;
            put.expect("a schedule is taken");
            hears(&mut *wake, &Signal::Control).await;
        }
        for (paused, next) in [(true, None), (false, schedule.next_tick)] {
            let change = store.pause_schedule("s", paused, next, &by()).await;
            change.expect("it is paused, and goes on");
            hears(&mut *wake, &Signal::Control).await;
        }
        let removed = store.remove_schedule("s", &by()).await;
        assert!(removed.expect("an answer"));
        hears(&mut *wake, &Signal::Control).await;
    }
}
