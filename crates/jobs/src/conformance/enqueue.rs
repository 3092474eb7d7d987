//! What goes in.

use std::time::Duration;

use super::{
    Harness,
    bench::{Bench, KIND, LONG, QUEUE, delayed, finish, in_state, job, sorted, unique},
};
use crate::{
    Error, JobId, Limit, Priority, State, Time,
    clock::{LATEST, later},
    store::{End, Enqueued, NewJob, Run},
};

/// A new job is kept as it was said, and nothing has happened to it yet.
pub async fn a_new_job_is_kept_as_it_was_said(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let before = bench.now().await;
    let new = NewJob {
        kind: "mail.send_2@3".to_owned(),
        queue: "mail-eu.1".to_owned(),
        priority: Priority::HIGH,
        max_attempts: 7,
        payload: br#"{"to":"anna"}"#.to_vec(),
        timeout: Some(Duration::from_millis(1500)),
        max_age: Some(LONG),
        limit: Some(Limit::key("tenant 7", 3)),
        trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        actor: Some("user:42".to_owned()),
        schedule: Some("nightly".to_owned()),
        ..unique("a key")
    };
    let answer = bench.put(new.clone()).await;
    assert_eq!(answer, Enqueued::New(new.id, State::Available));
    let job = bench.job(new.id).await;
    let after = bench.now().await;
    assert!(before <= job.created_at && job.created_at <= after);
    assert_eq!(job.run_at, job.created_at);
    let age = job.expires_at.expect("a job of a greatest age expires") - job.created_at;
    assert_eq!(age.to_std(), Ok(LONG));
    assert_eq!(job.state, State::Available);
    assert_eq!((job.id, job.kind), (new.id, new.kind));
    assert_eq!((job.queue, job.priority), (new.queue, new.priority));
    assert_eq!((job.payload, job.max_attempts), (new.payload, 7));
    assert_eq!((job.timeout, job.limit), (new.timeout, new.limit));
    assert_eq!((job.trace, job.actor), (new.trace, new.actor));
    assert_eq!(job.schedule, new.schedule);
    assert_eq!(job.unique_key.as_deref(), Some("work:a key"));
    assert_eq!(
        (job.attempt, job.crashes, job.snoozes, job.fence),
        (0, 0, 0, 0)
    );
    assert_eq!((job.started_at, job.finished_at), (None, None));
    assert_eq!((job.lease_until, job.worker), (None, None));
    assert_eq!((job.reason, job.progress), (None, None));
    assert!(!job.cancel_requested);
    assert!(bench.failures(new.id).await.is_empty());
}

/// A job is available at once, or scheduled for later; a time that has passed is at once.
pub async fn a_job_is_available_at_once_or_scheduled_for_later(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let now = bench.now().await;
    let hour = chrono::TimeDelta::hours(1);
    for (run, expected) in [
        (Run::Now, State::Available),
        (Run::In(Duration::ZERO), State::Available),
        (Run::At(now - hour), State::Available),
        (Run::At(Time::UNIX_EPOCH), State::Available),
        (Run::In(LONG), State::Scheduled),
        (Run::At(now + hour), State::Scheduled),
    ] {
        let new = NewJob { run, ..job() };
        let answer = bench.put(new.clone()).await;
        assert_eq!(answer, Enqueued::New(new.id, expected), "{run:?}");
        let kept = bench.job(new.id).await;
        assert_eq!(kept.state, expected, "{run:?}");
        // one that is late from its beginning has not waited since then: it is no more urgent than others
        assert!(kept.run_at >= now, "{run:?}: {}", kept.run_at);
        if let Run::At(at) = run
            && at > now
        {
            assert_eq!(kept.run_at, at, "{run:?}");
        }
    }
}

/// The answers stand in the order of the jobs.
pub async fn answers_come_in_the_order_of_the_jobs(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let known = bench.add(unique("taken")).await;
    let (first, last) = (job(), delayed(LONG));
    let ids = (first.id, last.id);
    let again = NewJob { id: known, ..job() };
    let answers = bench
        .enqueue(vec![first, unique("taken"), again, last])
        .await;
    assert_eq!(
        answers,
        [
            Enqueued::New(ids.0, State::Available),
            Enqueued::Existing(known),
            Enqueued::Existing(known),
            Enqueued::New(ids.1, State::Scheduled),
        ]
    );
}

/// The same id twice changes nothing, whatever became of the first one.
pub async fn the_same_id_twice_changes_nothing(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let new = job();
    let other = NewJob {
        payload: b"other".to_vec(),
        kind: "other".to_owned(),
        run: Run::In(LONG),
        ..new.clone()
    };
    let answers = bench.enqueue(vec![new.clone(), other.clone()]).await;
    assert_eq!(answers[1], Enqueued::Existing(new.id), "within one call");
    let waiting = bench.job(new.id).await;
    assert_eq!(
        (&waiting.payload, waiting.kind.as_str()),
        (&new.payload, KIND)
    );
    for _ in 0..2 {
        assert_eq!(bench.put(other.clone()).await, Enqueued::Existing(new.id));
        assert_eq!(bench.job(new.id).await, waiting);
    }
    let running = bench.take_one(LONG).await;
    assert_eq!(bench.put(other.clone()).await, Enqueued::Existing(new.id));
    assert_eq!(bench.job(new.id).await, running);
    bench.end(&running, End::Done).await;
    assert_eq!(bench.put(other).await, Enqueued::Existing(new.id));
    assert_eq!(bench.state(new.id).await, State::Completed);
    assert!(bench.take(1).await.is_empty());
}

/// Many callers that repeat one call make one job.
pub async fn many_callers_with_one_id_make_one_job(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let new = job();
    let answers = bench
        .race(16, |_, store| {
            let new = new.clone();
            async move { store.enqueue(vec![new]).await.expect("a job is taken")[0] }
        })
        .await;
    let made = answers.iter().filter(|answer| answer.is_new()).count();
    assert_eq!(made, 1, "{answers:?}");
    assert!(answers.iter().all(|answer| answer.id() == new.id));
    assert_eq!(bench.take(16).await.len(), 1);
}

/// Jobs are added all or none: one that is refused keeps the others out.
pub async fn jobs_are_added_all_or_none(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let longest = "x".repeat(255 - "work:".len());
    bench.add(unique(&longest)).await;
    let (good, refused) = (job(), unique(&"x".repeat(256)));
    for jobs in [
        vec![good.clone(), unique("free"), refused.clone()],
        vec![refused.clone(), good.clone()],
    ] {
        let error = bench
            .store
            .enqueue(jobs)
            .await
            .expect_err("a key is too long");
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        for id in [good.id, refused.id] {
            assert!(bench.store.find(id).await.expect("an answer").is_none());
        }
        assert_eq!(bench.list(&Default::default()).await.len(), 1);
    }
    // nor do they leave the key taken
    bench.add(unique("free")).await;
}

/// Ten thousand jobs go in with one call, and each comes out once.
pub async fn ten_thousand_jobs_go_in_with_one_call(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let ids = bench.add_many(10_000).await;
    let stats = bench.store.stats(false).await.expect("stats are told");
    assert_eq!(stats.queues[QUEUE].jobs[&State::Available], 10_000);
    let mut taken: Vec<JobId> = Vec::new();
    loop {
        let jobs = bench.take(2_500).await;
        if jobs.is_empty() {
            break;
        }
        let ends: Vec<_> = jobs.iter().map(|job| finish(job, End::Done)).collect();
        bench.store.finish(&ends).await.expect("ends are taken");
        taken.extend(jobs.iter().map(|job| job.id));
    }
    assert!(sorted(taken) == sorted(ids), "each of them once");
    assert!(bench.list(&in_state(State::Available)).await.is_empty());
}

/// No jobs are nothing to do.
pub async fn no_jobs_are_nothing_to_do(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    assert!(bench.enqueue(Vec::new()).await.is_empty());
    let stats = bench.store.stats(true).await.expect("stats are told");
    assert!(stats.queues.is_empty(), "{stats:?}");
}

/// The longest spans and the last times overflow nothing: what is later than the year 9999 counts as its end.
pub async fn the_longest_spans_overflow_nothing(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let far = [
        Run::In(Duration::MAX),
        Run::In(Duration::from_millis(u64::MAX)),
        Run::In(Duration::from_millis(i64::MAX as u64)),
        Run::At(Time::MAX_UTC),
        Run::At(LATEST),
    ];
    for run in far {
        let id = bench.add(NewJob { run, ..job() }).await;
        let kept = bench.job(id).await;
        assert_eq!(
            (kept.state, kept.run_at),
            (State::Scheduled, LATEST),
            "{run:?}"
        );
    }
    bench.take(1).await;
    let id = bench
        .add(NewJob {
            run: Run::At(Time::MIN_UTC),
            ageing: Duration::MAX,
            priority: Priority::new(9),
            timeout: Some(Duration::MAX),
            max_age: Some(Duration::MAX),
            max_attempts: u32::MAX,
            limit: Some(Limit::key("many", u32::MAX)),
            ..job()
        })
        .await;
    let kept = bench.job(id).await;
    assert_eq!(kept.state, State::Available);
    // spans that nobody outlives may be cut
    let century = Duration::from_secs(100 * 365 * 24 * 3600);
    assert!(kept.timeout >= Some(century), "{:?}", kept.timeout);
    let expires = kept.expires_at.expect("it has an age");
    assert!(expires >= later(kept.created_at, century), "{expires}");
    assert!(
        kept.max_attempts >= i32::MAX as u32,
        "{}",
        kept.max_attempts
    );
    let urgent = bench.add(job()).await;
    let order: Vec<JobId> = bench.take(2).await.iter().map(|job| job.id).collect();
    assert_eq!(order, [urgent, id]);
}
