//! At most one job with a key.

use std::{collections::HashMap, time::Duration};

use super::{
    Harness,
    bench::{Bench, LONG, SHORT, by, finish, lease, unique, unique_by},
};
use crate::{
    Error, JobId, OnConflict, Reason, State, Until,
    clock::between,
    store::{End, Enqueued, NewJob, Redrive, Run},
};

/// Of many that enqueue the same keys at a time, one wins each, and the others get the id of the winner.
pub async fn one_of_many_wins_each_key(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    const KEYS: usize = 500;
    let answers = bench
        .race(64, |racer, store| async move {
            // each begins elsewhere, so that they meet on all keys
            let jobs = (0..KEYS).map(|index| {
                let key = (index + racer * 37) % KEYS;
                (key, unique(&key.to_string()))
            });
            let jobs: Vec<(usize, NewJob)> = jobs.collect();
            let mut answers = Vec::new();
            for some in jobs.chunks(100) {
                let new = some.iter().map(|(_, job)| job.clone()).collect();
                let told = store.enqueue(new).await.expect("jobs are taken");
                let keys = some.iter().map(|(key, _)| *key);
                answers.extend(keys.zip(told));
            }
            answers
        })
        .await;
    let mut winners: HashMap<usize, JobId> = HashMap::new();
    for (key, answer) in answers.iter().flatten() {
        if answer.is_new() {
            assert_eq!(winners.insert(*key, answer.id()), None, "key {key} twice");
        }
    }
    assert_eq!(winners.len(), KEYS);
    for (key, answer) in answers.iter().flatten() {
        assert_eq!(answer.id(), winners[key], "key {key}");
    }
    assert_eq!(bench.list(&Default::default()).await.len(), KEYS);
}

/// A key is held until its job is finished, also while it runs and while it waits for a retry.
pub async fn a_key_is_held_until_its_job_is_finished(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for end in [
        End::Done,
        End::Cancelled(String::new()),
        End::Dead(Reason::Exhausted),
    ] {
        let id = bench.add(unique("one")).await;
        let held = async || bench.put(unique("one")).await == Enqueued::Existing(id);
        assert!(held().await, "while it waits");
        let run = bench.take_one(LONG).await;
        assert_eq!(run.unique_key.as_deref(), Some("work:one"));
        assert!(held().await, "while it runs");
        bench.end(&run, End::Retry(Duration::ZERO)).await;
        assert!(held().await, "while it waits for its retry");
        let run = bench.take_one(LONG).await;
        bench.end(&run, End::Snooze(Duration::ZERO)).await;
        assert!(held().await, "while it is snoozed");
        bench.take_one(SHORT).await;
        bench.rescued(10).await;
        assert!(held().await, "while nobody has it");
        let run = bench.take_one(LONG).await;
        bench.end(&run, end.clone()).await;
        assert_eq!(bench.job(id).await.unique_key, None, "{end:?}");
        let next = bench.add(unique("one")).await;
        bench
            .store
            .cancel(next, &by())
            .await
            .expect("it is called off");
    }
    let id = bench.add(unique("one")).await;
    bench.take_one(SHORT).await;
    assert!(bench.rescued(1).await.dead);
    assert_eq!(bench.job(id).await.unique_key, None, "after its last crash");
    bench.add(unique("one")).await;
}

/// A key that is held until its job starts is free from its first claim on, and for good.
pub async fn a_key_may_be_free_when_its_job_starts(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let started = || unique_by("one", Until::Started, OnConflict::Skip);
    let first = bench.add(started()).await;
    assert_eq!(bench.put(started()).await, Enqueued::Existing(first));
    let run = bench.take_one(LONG).await;
    assert_eq!(run.unique_key, None);
    let second = bench.add(started()).await;
    bench.end(&run, End::HandBack).await;
    assert_eq!(bench.put(started()).await, Enqueued::Existing(second));
    assert_eq!(bench.take(5).await.len(), 2, "both run");
    let third = bench.add(started()).await;
    bench
        .store
        .cancel(third, &by())
        .await
        .expect("it is called off");
    bench.add(started()).await;
}

/// A key that is held for a time is held for that time, whatever became of its job, and not longer.
pub async fn a_key_may_be_held_for_a_time(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let window = |key, time| unique_by(key, Until::Window(time), OnConflict::Skip);
    let long = bench.add(window("long", LONG)).await;
    let run = bench.take_one(LONG).await;
    assert_eq!(
        bench.put(window("long", LONG)).await,
        Enqueued::Existing(long)
    );
    bench.end(&run, End::Done).await;
    assert_eq!(
        bench.put(window("long", LONG)).await,
        Enqueued::Existing(long)
    );
    let short = bench.add(window("short", SHORT)).await;
    let born = bench.job(short).await.created_at;
    let next = bench
        .until("the end of the window", async || {
            match bench.put(window("short", LONG)).await {
                Enqueued::New(id, _) => Some(id),
                taken => {
                    assert_eq!(taken, Enqueued::Existing(short));
                    None
                }
            }
        })
        .await;
    let waited = between(born, bench.job(next).await.created_at);
    assert!(waited >= SHORT, "{waited:?}");
    assert_eq!(
        bench.state(short).await,
        State::Available,
        "it is left alone"
    );
    assert_eq!(
        bench.put(window("short", LONG)).await,
        Enqueued::Existing(next)
    );
    let end = bench.add(window("ever", Duration::MAX)).await;
    assert_eq!(
        bench.put(window("ever", LONG)).await,
        Enqueued::Existing(end)
    );
}

/// Replacing changes what waits: its payload with its version, its time and its priority.
pub async fn a_job_that_waits_is_replaced(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let replace = || unique_by("one", Until::Finished, OnConflict::Replace);
    let first = bench
        .add(NewJob {
            run: Run::In(LONG),
            ..replace()
        })
        .await;
    let newer = NewJob {
        kind: "work@2".to_owned(),
        payload: b"newer".to_vec(),
        priority: crate::Priority::URGENT,
        run: Run::In(LONG * 2),
        ..replace()
    };
    assert_eq!(bench.put(newer.clone()).await, Enqueued::Changed(first));
    let changed = bench.job(first).await;
    assert_eq!((changed.id, changed.payload), (first, newer.payload));
    assert_eq!(
        (changed.kind, changed.priority),
        (newer.kind, newer.priority)
    );
    let wait = between(changed.created_at, changed.run_at);
    assert!(wait >= LONG * 2, "{wait:?}");
    assert!(
        bench
            .store
            .find(newer.id)
            .await
            .expect("an answer")
            .is_none()
    );
    assert_eq!(bench.put(replace()).await, Enqueued::Changed(first));
    assert_eq!(bench.state(first).await, State::Available, "at once again");
    let run = bench.take_one(LONG).await;
    assert_eq!(
        (run.kind.as_str(), run.payload.as_slice()),
        ("work", b"{}".as_slice())
    );
    assert_eq!(bench.put(replace()).await, Enqueued::Existing(first));
    assert_eq!(
        bench.job(first).await,
        run,
        "one that runs is left as it is"
    );
}

/// Extending puts off what waits, and keeps what it says.
pub async fn a_job_that_waits_is_put_off(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let extend = |wait| NewJob {
        run: Run::In(wait),
        ..unique_by("one", Until::Finished, OnConflict::Extend)
    };
    let first = bench.add(extend(Duration::ZERO)).await;
    let before = bench.job(first).await;
    let other = NewJob {
        payload: b"other".to_vec(),
        priority: crate::Priority::LOW,
        ..extend(LONG)
    };
    assert_eq!(bench.put(other).await, Enqueued::Changed(first));
    let put_off = bench.job(first).await;
    assert_eq!(
        (put_off.state, &put_off.payload),
        (State::Scheduled, &before.payload)
    );
    assert_eq!(put_off.priority, before.priority);
    let wait = between(before.created_at, put_off.run_at);
    assert!(wait >= LONG, "{wait:?}");
    assert!(bench.take(1).await.is_empty());
    assert_eq!(bench.put(extend(SHORT)).await, Enqueued::Changed(first));
    let run = bench
        .until("the job that was put off", async || {
            bench.take(1).await.pop()
        })
        .await;
    assert_eq!(bench.put(extend(LONG)).await, Enqueued::Existing(first));
    assert_eq!(
        bench.job(first).await,
        run,
        "one that runs is left as it is"
    );
}

/// Keys are told apart byte by byte: case, accents and blanks count.
pub async fn keys_are_told_apart_byte_by_byte(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let keys = [
        "a", "A", "á", "a\u{301}", "a ", " a", "ａ", "ß", "ss", "", "a%", "a_",
    ];
    let mut ids = Vec::new();
    for key in keys {
        ids.push(bench.add(unique(key)).await);
    }
    for (key, id) in keys.into_iter().zip(ids) {
        assert_eq!(
            bench.put(unique(key)).await,
            Enqueued::Existing(id),
            "`{key}`"
        );
    }
}

/// Two jobs of one call that ask for one key are one job.
pub async fn a_key_is_taken_within_one_call_too(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let first = unique("one");
    let answers = bench
        .enqueue(vec![
            first.clone(),
            unique("one"),
            unique("two"),
            unique("one"),
        ])
        .await;
    let new: Vec<bool> = answers.iter().map(|answer| answer.is_new()).collect();
    assert_eq!(new, [true, false, true, false]);
    assert_eq!((answers[1].id(), answers[3].id()), (first.id, first.id));
}

/// A job that comes back takes its key again, and stays where it is if another one holds it.
pub async fn a_job_that_comes_back_takes_its_key_again(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let dead = bench.add(unique("one")).await;
    let run = bench.take_one(LONG).await;
    bench.end(&run, End::Dead(Reason::Failed)).await;
    let holder = bench.add(unique("one")).await;
    let before = bench.job(dead).await;
    let error = bench
        .store
        .retry(dead, &by())
        .await
        .expect_err("the key is held");
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    let redrive = Redrive {
        filter: super::bench::only(dead),
        limit: 10,
        spacing: Duration::ZERO,
    };
    assert_eq!(
        bench
            .store
            .redrive(&redrive, &by())
            .await
            .expect("an answer"),
        0
    );
    assert_eq!(bench.job(dead).await, before);
    let run = bench.take_one(LONG).await;
    assert_eq!(run.id, holder);
    bench.end(&run, End::Done).await;
    let was = bench
        .store
        .retry(dead, &by())
        .await
        .expect("the key is free");
    assert_eq!(was, State::Dead);
    assert_eq!(bench.put(unique("one")).await, Enqueued::Existing(dead));
    let run = bench.take_one(LONG).await;
    assert_eq!(run.unique_key.as_deref(), Some("work:one"));
    bench.finish(finish(&run, End::Done)).await;
    let pulse = bench.store.renew(&[lease(&run)], LONG).await;
    assert_eq!(pulse.expect("an answer"), [crate::store::Pulse::Lost]);
    bench.add(unique("one")).await;
}

/// A job that is dropped leaves its key.
pub async fn a_job_that_is_dropped_leaves_its_key(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let kept = || unique_by("one", Until::Window(LONG), OnConflict::Skip);
    let id = bench.add(kept()).await;
    let run = bench.take_one(LONG).await;
    bench.end(&run, End::Done).await;
    assert_eq!(bench.put(kept()).await, Enqueued::Existing(id));
    let dropped = bench.store.discard(&super::bench::only(id), 1, &by()).await;
    assert_eq!(dropped.expect("an answer"), 1);
    bench.add(kept()).await;
}
