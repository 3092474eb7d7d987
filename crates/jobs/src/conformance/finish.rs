//! How a run ends, and what is counted.

use std::time::Duration;

use super::{
    Harness,
    bench::{Bench, LONG, SHORT, by, delayed, failure, finish, job, lease},
};
use crate::{
    FailureKind, Reason, State,
    clock::later,
    store::{End, NewJob, Verdict},
};

/// A completed job is over: it has a time of its end, and no lease.
pub async fn a_completed_job_is_over(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let running = bench.running().await;
    let before = bench.now().await;
    bench.end(&running, End::Done).await;
    let done = bench.job(running.id).await;
    assert_eq!((done.state, done.attempt), (State::Completed, 1));
    assert!(done.finished_at.is_some_and(|at| before <= at));
    assert_eq!((done.lease_until, done.reason), (None, None));
    assert_eq!(done.worker.as_deref(), Some("worker-1"), "who did it");
    assert_eq!(done.started_at, running.started_at);
    assert!(bench.failures(done.id).await.is_empty());
    assert!(bench.take(1).await.is_empty());
}

/// A retry waits for its time, and is the next attempt.
pub async fn a_retry_waits_for_its_time(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let running = bench.running().await;
    let before = bench.now().await;
    let mut end = finish(&running, End::Retry(SHORT));
    end.failure = Some(failure(&running, "no luck"));
    assert_eq!(bench.finish(end).await, Verdict::Applied);
    let after = bench.now().await;
    let waiting = bench.job(running.id).await;
    assert_eq!((waiting.state, waiting.attempt), (State::Scheduled, 1));
    assert!(later(before, SHORT) <= waiting.run_at && waiting.run_at <= later(after, SHORT));
    assert_eq!((waiting.finished_at, waiting.lease_until), (None, None));
    let again = bench
        .until("the next attempt", async || bench.take(1).await.pop())
        .await;
    assert_eq!((again.id, again.attempt), (running.id, 2));
    assert!(again.started_at >= Some(waiting.run_at), "not early");
}

/// A job that is retried without a wait is available at once.
pub async fn a_retry_without_a_wait_is_available_at_once(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let running = bench.running().await;
    for attempt in 2..=5 {
        let job = bench.job(running.id).await;
        bench.end(&job, End::Retry(Duration::ZERO)).await;
        assert_eq!(bench.state(running.id).await, State::Available);
        assert_eq!(bench.take_one(LONG).await.attempt, attempt);
    }
}

/// A snooze is not an attempt, not even the hundredth.
pub async fn a_snooze_is_not_an_attempt(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let id = bench
        .add(NewJob {
            max_attempts: 2,
            ..job()
        })
        .await;
    for snoozes in 1..=100 {
        let run = bench.take_one(LONG).await;
        assert_eq!(run.attempt, 1);
        bench.end(&run, End::Snooze(Duration::ZERO)).await;
        let kept = bench.job(id).await;
        assert_eq!((kept.snoozes, kept.attempt), (snoozes, 0));
    }
    let run = bench.take_one(LONG).await;
    bench.end(&run, End::Snooze(LONG)).await;
    assert_eq!(bench.state(id).await, State::Scheduled);
}

/// A job that is handed back is available at once where it stood, and the attempt does not count.
pub async fn a_job_that_is_handed_back_stands_where_it_stood(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let running = bench.running().await;
    bench.pass(Duration::from_millis(20)).await;
    bench.add_many(2).await;
    bench.end(&running, End::HandBack).await;
    let back = bench.job(running.id).await;
    assert_eq!(
        (back.state, back.attempt, back.crashes),
        (State::Available, 0, 0)
    );
    assert_eq!((back.lease_until, back.snoozes), (None, 0));
    let again = bench.take(1).await.remove(0);
    assert_eq!((again.id, again.attempt), (running.id, 1));
}

/// Attempts, snoozes and crashes are counted apart.
pub async fn attempts_snoozes_and_crashes_are_counted_apart(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let id = bench.add(job()).await;
    let counts = async || {
        let job = bench.job(id).await;
        (job.attempt, job.snoozes, job.crashes)
    };
    let now = Duration::ZERO;
    for (end, expected) in [
        (Some(End::Retry(now)), (1, 0, 0)),
        (Some(End::Snooze(now)), (1, 1, 0)),
        (None, (1, 1, 1)),
        (Some(End::HandBack), (1, 1, 1)),
        (Some(End::Retry(now)), (2, 1, 1)),
        (None, (2, 1, 2)),
        (Some(End::Done), (3, 1, 2)),
    ] {
        match end {
            Some(end) => {
                let run = bench.take_one(LONG).await;
                bench.end(&run, end).await;
            }
            None => {
                bench.take_one(SHORT).await;
                bench.rescued(10).await;
            }
        }
        assert_eq!(counts().await, expected);
    }
}

/// A handler that finds its job not needed cancels it, and the audit keeps the reason.
pub async fn a_handler_cancels_with_a_reason(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let running = bench.running().await;
    bench
        .end(&running, End::Cancelled("the order is gone".to_owned()))
        .await;
    let kept = bench.job(running.id).await;
    assert_eq!((kept.state, kept.reason), (State::Cancelled, None));
    assert!(kept.finished_at.is_some() && kept.lease_until.is_none());
    let subject = running.id.to_string();
    let lines = bench
        .store
        .audits(Some(&subject), 10)
        .await
        .expect("an answer");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(
        (lines[0].actor.as_str(), lines[0].action.as_str()),
        ("worker-1", "cancel")
    );
    assert_eq!(lines[0].detail.as_deref(), Some("the order is gone"));
}

/// A dead job says why, in every way there is.
pub async fn a_dead_job_says_why(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for reason in Reason::ALL {
        let running = bench.running().await;
        bench.end(&running, End::Dead(reason)).await;
        let dead = bench.job(running.id).await;
        assert_eq!((dead.state, dead.reason), (State::Dead, Some(reason)));
        assert_eq!(dead.payload, running.payload, "it can still be looked at");
        assert!(dead.finished_at.is_some() && dead.lease_until.is_none());
    }
    assert!(bench.take(1).await.is_empty());
}

/// Every failure is kept with its attempt, oldest first, and the store says when it was.
pub async fn every_failure_is_kept(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let id = bench.add(job()).await;
    let before = bench.now().await;
    for (index, kind) in FailureKind::ALL.into_iter().enumerate() {
        let run = bench.take_one(LONG).await;
        let mut wrong = failure(&run, &format!("failure {index}"));
        wrong.kind = kind;
        wrong.backtrace = (index == 1).then(|| "at line 3".to_owned());
        let mut end = finish(&run, End::Retry(Duration::ZERO));
        end.failure = Some(wrong);
        assert_eq!(bench.finish(end).await, Verdict::Applied);
    }
    let after = bench.now().await;
    let failures = bench.failures(id).await;
    assert_eq!(failures.len(), FailureKind::ALL.len());
    for (index, failure) in failures.iter().enumerate() {
        assert_eq!(failure.kind, FailureKind::ALL[index]);
        assert_eq!(failure.attempt as usize, index + 1);
        assert_eq!(failure.message, format!("failure {index}"));
        assert_eq!(failure.backtrace.is_some(), index == 1);
        assert!(
            before <= failure.at && failure.at <= after,
            "{}",
            failure.at
        );
    }
    let nobody = bench.store.failures(crate::JobId::generate()).await;
    assert!(nobody.expect("an answer").is_empty());
}

/// Many ends go with one call, and each has its own verdict; the second end of one run comes too late.
pub async fn many_ends_go_with_one_call(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench.add_many(300).await;
    let jobs = bench.take(300).await;
    let mut ends: Vec<_> = jobs
        .iter()
        .enumerate()
        .map(|(index, job)| {
            let end = match index % 3 {
                0 => End::Done,
                1 => End::Retry(LONG),
                _ => End::Dead(Reason::Failed),
            };
            let mut end = finish(job, end);
            end.failure = (index % 3 > 0).then(|| failure(job, &index.to_string()));
            end
        })
        .collect();
    ends.push(finish(&jobs[0], End::Dead(Reason::Failed)));
    ends[7].lease.fence += 1;
    let verdicts = bench.store.finish(&ends).await.expect("an answer");
    for (index, verdict) in verdicts.iter().enumerate() {
        let expected = match index {
            7 | 300 => Verdict::Stale,
            _ => Verdict::Applied,
        };
        assert_eq!(*verdict, expected, "end {index}");
    }
    for (index, job) in jobs.iter().enumerate() {
        let expected = match index % 3 {
            _ if index == 7 => State::Running,
            0 => State::Completed,
            1 => State::Scheduled,
            _ => State::Dead,
        };
        assert_eq!(bench.state(job.id).await, expected, "job {index}");
    }
    assert_eq!(bench.failures(jobs[299].id).await[0].message, "299");
    assert!(bench.store.finish(&[]).await.expect("an answer").is_empty());
}

/// A job that was called off while it ran never waits again.
pub async fn a_job_that_was_called_off_never_waits_again(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for end in [
        End::Retry(Duration::ZERO),
        End::Retry(LONG),
        End::Snooze(LONG),
        End::HandBack,
    ] {
        let running = bench.running().await;
        bench
            .store
            .cancel(running.id, &by())
            .await
            .expect("an answer");
        bench.end(&running, end.clone()).await;
        assert_eq!(bench.state(running.id).await, State::Cancelled, "{end:?}");
        assert!(bench.job(running.id).await.finished_at.is_some());
    }
    let running = bench.running().await;
    bench
        .store
        .cancel(running.id, &by())
        .await
        .expect("an answer");
    bench.end(&running, End::Done).await;
    assert_eq!(
        bench.state(running.id).await,
        State::Completed,
        "it was done already"
    );
}

/// Retries of a job that waits elsewhere do not disturb it: an end concerns its own job only.
pub async fn an_end_concerns_its_own_job_only(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let waiting = bench.add(delayed(LONG)).await;
    let (one, other) = (bench.running().await, bench.running().await);
    let before = (bench.job(waiting).await, bench.job(other.id).await);
    bench.end(&one, End::Dead(Reason::Failed)).await;
    let told = bench.store.progress(lease(&other), "7").await;
    assert_eq!(told.expect("an answer"), Verdict::Applied);
    let after = bench.job(other.id).await;
    assert_eq!(bench.job(waiting).await, before.0);
    assert_eq!((after.state, after.fence), (before.1.state, before.1.fence));
    assert_eq!(bench.job(one.id).await.progress, None);
}
