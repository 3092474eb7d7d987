//! Bringing jobs back, and dropping them.

use std::time::Duration;

use super::{
    Harness,
    bench::{Bench, LONG, SHORT, by, failure, finish, in_state, job, only, sorted},
};
use crate::{
    Error, JobId, Reason, State,
    clock::later,
    store::{End, Filter, NewJob, Redrive},
};

/// This many dead jobs.
async fn dead(bench: &Bench<'_>, count: usize) -> Vec<JobId> {
    let ids = bench.add_many(count).await;
    let jobs = bench.take(count).await;
    let ends: Vec<_> = jobs
        .iter()
        .map(|job| {
            let mut end = finish(job, End::Dead(Reason::Exhausted));
            end.failure = Some(failure(job, "no luck"));
            end
        })
        .collect();
    bench.store.finish(&ends).await.expect("ends are taken");
    ids
}

fn all(limit: usize, spacing: Duration) -> Redrive {
    Redrive {
        filter: Filter::default(),
        limit,
        spacing,
    }
}

/// A job that is dead or cancelled begins anew, and its failures are kept.
pub async fn a_job_that_is_over_begins_anew(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for end in [
        End::Dead(Reason::Expired),
        End::Cancelled("not needed".to_owned()),
    ] {
        let id = bench
            .add(NewJob {
                max_age: Some(LONG),
                ..job()
            })
            .await;
        bench.take_one(SHORT).await;
        bench.rescued(10).await;
        let run = bench.take_one(LONG).await;
        bench.end(&run, End::Snooze(Duration::ZERO)).await;
        let run = bench.take_one(LONG).await;
        let mut over = finish(&run, end);
        over.failure = Some(failure(&run, "no luck"));
        bench.finish(over).await;
        let old = bench.job(id).await;
        let before = bench.now().await;
        let was = bench.store.retry(id, &by()).await.expect("it is retried");
        assert_eq!(was, old.state);
        let new = bench.job(id).await;
        assert_eq!((new.state, new.reason), (State::Available, None));
        assert_eq!((new.attempt, new.crashes), (0, 0));
        assert_eq!((new.finished_at, new.cancel_requested), (None, false));
        assert_eq!(
            (new.created_at, &new.payload),
            (old.created_at, &old.payload)
        );
        assert!(new.run_at >= before);
        assert!(
            new.expires_at >= Some(later(before, LONG)),
            "its age begins anew too"
        );
        assert_eq!(bench.failures(id).await.len(), 2, "a crash and a failure");
        let run = bench.take_one(LONG).await;
        assert_eq!((run.id, run.attempt), (id, 1));
        assert!(run.fence > old.fence);
        bench.end(&run, End::Done).await;
    }
}

/// A job that waits for its time is made available at once, its attempts counted as before.
pub async fn a_job_that_waits_is_made_available_at_once(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let running = bench.running().await;
    bench.end(&running, End::Retry(LONG)).await;
    let was = bench
        .store
        .retry(running.id, &by())
        .await
        .expect("an answer");
    assert_eq!(was, State::Scheduled);
    assert_eq!(bench.state(running.id).await, State::Available);
    assert_eq!(bench.take_one(LONG).await.attempt, 2);
}

/// A job that is done, runs or is available already stays as it is when it is retried.
pub async fn a_job_that_needs_no_retry_stays_as_it_is(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for state in [State::Completed, State::Running, State::Available] {
        let id = bench.in_state(state).await;
        let before = bench.job(id).await;
        let was = bench.store.retry(id, &by()).await.expect("an answer");
        assert_eq!(was, state);
        assert_eq!(bench.job(id).await, before);
    }
}

/// Dead jobs come back with so much time between them, no more than are asked for, and only dead ones.
pub async fn dead_jobs_come_back_one_after_the_other(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let ids = dead(&bench, 5).await;
    let others = [
        bench.in_state(State::Completed).await,
        bench.in_state(State::Cancelled).await,
    ];
    let before = bench.now().await;
    let some = all(3, LONG);
    assert_eq!(
        bench.store.redrive(&some, &by()).await.expect("an answer"),
        3
    );
    let after = bench.now().await;
    let mut back = Vec::new();
    for id in &ids {
        let job = bench.job(*id).await;
        if job.state != State::Dead {
            assert_eq!((job.attempt, job.reason, job.finished_at), (0, None, None));
            back.push((job.run_at, job.state));
        }
        assert_eq!(bench.failures(*id).await.len(), 1);
    }
    back.sort();
    assert_eq!(back.len(), 3);
    for (index, (run_at, state)) in (0..).zip(back) {
        let wait = LONG * index;
        assert!(later(before, wait) <= run_at && run_at <= later(after, wait));
        let expected = if index == 0 {
            State::Available
        } else {
            State::Scheduled
        };
        assert_eq!(state, expected);
    }
    assert_eq!(bench.state(others[0]).await, State::Completed);
    assert_eq!(bench.state(others[1]).await, State::Cancelled);
    let mut completed = all(10, Duration::ZERO);
    completed.filter.states = vec![State::Completed];
    let none = bench.store.redrive(&completed, &by()).await;
    assert_eq!(none.expect("an answer"), 0, "only dead ones are met");
    let mut one = all(10, Duration::MAX);
    one.filter.ids = Some(ids.clone());
    assert_eq!(
        bench.store.redrive(&one, &by()).await.expect("an answer"),
        2
    );
    assert_eq!(
        bench.store.redrive(&one, &by()).await.expect("an answer"),
        0
    );
}

/// However many operators redrive at a time, each dead job comes back once, while workers run them.
pub async fn each_dead_job_comes_back_once(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    const JOBS: usize = 120;
    let ids = dead(&bench, JOBS).await;
    let done = bench
        .race(5, |racer, store| async move {
            let (mut back, mut ran) = (0, Vec::new());
            for _ in 0..40 {
                if racer < 3 {
                    let some = all(10, Duration::ZERO);
                    back += store.redrive(&some, &by()).await.expect("an answer");
                } else {
                    let some = super::bench::claim(10, LONG);
                    let jobs = store.claim(&some).await.expect("an answer").jobs;
                    let ends: Vec<_> = jobs.iter().map(|job| finish(job, End::Done)).collect();
                    store.finish(&ends).await.expect("an answer");
                    ran.extend(jobs.iter().map(|job| (job.id, job.fence, job.attempt)));
                }
            }
            (back, ran)
        })
        .await;
    let back: u64 = done.iter().map(|(back, _)| back).sum();
    assert_eq!(back, JOBS as u64);
    let mut ran: Vec<_> = done.into_iter().flat_map(|(_, ran)| ran).collect();
    let rest = bench.take(JOBS).await;
    ran.extend(rest.iter().map(|job| (job.id, job.fence, job.attempt)));
    assert!(
        sorted(ran.iter().map(|(id, ..)| *id)) == sorted(ids),
        "each runs once more"
    );
    assert!(
        ran.iter()
            .all(|(_, fence, attempt)| (*fence, *attempt) == (2, 1))
    );
}

/// Only terminal jobs are dropped, only those that are meant, with their failures.
pub async fn only_terminal_jobs_are_dropped(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let old = dead(&bench, 4).await;
    let mut kept = Vec::new();
    for state in [
        State::Completed,
        State::Cancelled,
        State::Running,
        State::Scheduled,
        State::Available,
    ] {
        kept.push((bench.in_state(state).await, state));
    }
    let meant = in_state(State::Dead);
    let drop = async |filter: &Filter, limit| {
        let dropped = bench.store.discard(filter, limit, &by()).await;
        dropped.expect("an answer")
    };
    assert_eq!(drop(&meant, 3).await, 3);
    assert_eq!(drop(&meant, 3).await, 1);
    assert_eq!(drop(&meant, 3).await, 0);
    for id in &old {
        assert!(bench.store.find(*id).await.expect("an answer").is_none());
        assert!(bench.failures(*id).await.is_empty());
    }
    for (id, state) in &kept {
        assert_eq!(bench.state(*id).await, *state);
        let gone = drop(&only(*id), 1).await;
        assert_eq!(gone, u64::from(state.is_terminal()), "{state}");
    }
    assert_eq!(bench.list(&Filter::default()).await.len(), 3);
    assert_eq!(
        bench
            .put(NewJob {
                id: old[0],
                ..job()
            })
            .await
            .id(),
        old[0]
    );
}

/// Pruning drops the jobs of one terminal state that are older than they are kept, and nothing else.
pub async fn pruning_drops_what_is_older_than_it_is_kept(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let old = bench.in_state(State::Completed).await;
    let others = [
        bench.in_state(State::Cancelled).await,
        bench.in_state(State::Dead).await,
    ];
    bench.pass(SHORT * 2).await;
    let young = bench.in_state(State::Completed).await;
    let waiting = [
        bench.in_state(State::Running).await,
        bench.in_state(State::Scheduled).await,
        bench.in_state(State::Available).await,
    ];
    let prune = async |state, age| {
        let pruned = bench.store.prune(state, age, 100).await;
        pruned.expect("an answer")
    };
    let finished = bench.job(young).await.finished_at.expect("it is over");
    assert_eq!(prune(State::Completed, LONG).await, 0);
    assert_eq!(prune(State::Completed, Duration::MAX).await, 0);
    let pruned = prune(State::Completed, SHORT).await;
    let now = bench.now().await;
    assert!(bench.store.find(old).await.expect("an answer").is_none());
    if bench.store.find(young).await.expect("an answer").is_some() {
        assert_eq!(pruned, 1);
    } else {
        // on a machine that is that slow it was old enough
        assert!(later(finished, SHORT) < now, "too young");
    }
    for id in others.into_iter().chain(waiting) {
        assert!(bench.store.find(id).await.expect("an answer").is_some());
    }
    bench.pass(Duration::from_millis(20)).await;
    assert_eq!(prune(State::Cancelled, Duration::ZERO).await, 1);
    assert_eq!(prune(State::Dead, Duration::ZERO).await, 1);
    for state in [State::Running, State::Scheduled, State::Available] {
        let error = bench.store.prune(state, Duration::ZERO, 100).await;
        let error = error.expect_err("only terminal ones are pruned");
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    }
    for id in waiting {
        assert!(bench.store.find(id).await.expect("an answer").is_some());
    }
}

/// Pruning drops no more than it is asked to at a time, and failures go with their jobs.
pub async fn pruning_goes_in_steps(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let ids = dead(&bench, 25).await;
    bench.pass(Duration::from_millis(20)).await;
    for expected in [10, 10, 5, 0] {
        let pruned = bench.store.prune(State::Dead, Duration::ZERO, 10).await;
        assert_eq!(pruned.expect("an answer"), expected);
    }
    for id in ids {
        assert!(bench.failures(id).await.is_empty());
    }
    assert!(bench.list(&Filter::default()).await.is_empty());
}
