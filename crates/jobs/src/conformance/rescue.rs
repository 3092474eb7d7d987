//! Taking jobs back from workers that died.

use super::{
    Harness,
    bench::{Bench, LONG, SHORT, by, claim, finish, job},
};
use crate::{
    FailureKind, Reason, State,
    store::{End, Verdict},
};

/// A job whose lease ran out is rescued: available at once, with its attempt back and one crash more.
pub async fn a_job_whose_lease_ran_out_is_rescued(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let id = bench.add(job()).await;
    let lost = bench.take_one(SHORT).await;
    let rescued = bench.rescued(3).await;
    assert_eq!((rescued.id, rescued.crashes, rescued.dead), (id, 1, false));
    assert_eq!((rescued.kind, rescued.queue), (lost.kind, lost.queue));
    assert_eq!(rescued.worker.as_deref(), Some("worker-1"));
    let now = bench.now().await;
    let overdue = now - lost.lease_until.expect("it had a lease");
    assert!(rescued.overdue <= overdue.to_std().expect("it was over"));
    let kept = bench.job(id).await;
    assert_eq!(
        (kept.state, kept.attempt, kept.crashes),
        (State::Available, 0, 1)
    );
    assert_eq!((kept.lease_until, kept.reason), (None, None));
    let failures = bench.failures(id).await;
    assert_eq!(failures.len(), 1);
    assert_eq!(
        (failures[0].kind, failures[0].attempt),
        (FailureKind::Crashed, 1)
    );
    assert_eq!(failures[0].worker.as_deref(), Some("worker-1"));
    assert!(lost.lease_until <= Some(failures[0].at) && failures[0].at <= now);
    let again = bench.take_one(LONG).await;
    assert_eq!((again.id, again.attempt), (id, 1));
    assert!(again.fence > lost.fence);
}

/// A lease that holds is left alone, and so is everything that does not run.
pub async fn a_lease_that_holds_is_left_alone(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let mut jobs = Vec::new();
    for state in [
        State::Completed,
        State::Cancelled,
        State::Dead,
        State::Running,
        State::Scheduled,
        State::Available,
    ] {
        jobs.push((bench.in_state(state).await, state));
    }
    assert_eq!(bench.store.rescue(1, 100).await.expect("an answer"), []);
    for (id, state) in jobs {
        assert_eq!(bench.state(id).await, state);
    }
}

/// The crash that reaches the limit makes a job dead, with every crash on record.
pub async fn a_job_that_takes_its_workers_down_is_dead(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let id = bench.add(job()).await;
    for crash in 1..=3 {
        let run = bench.take_one(SHORT).await;
        assert_eq!((run.attempt, run.crashes), (1, crash - 1));
        let rescued = bench.rescued(3).await;
        assert_eq!((rescued.crashes, rescued.dead), (crash, crash == 3));
    }
    let dead = bench.job(id).await;
    assert_eq!(
        (dead.state, dead.reason),
        (State::Dead, Some(Reason::CrashLoop))
    );
    assert!(dead.finished_at.is_some() && dead.lease_until.is_none());
    assert_eq!(bench.failures(id).await.len(), 3);
    assert!(bench.take(1).await.is_empty());
}

/// A rescue takes no more jobs than it is asked for, and the next one the rest.
pub async fn a_rescue_takes_no_more_than_it_is_asked_for(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench.add_many(10).await;
    bench.claim(&claim(10, SHORT)).await;
    bench.pass(SHORT * 2).await;
    let mut rescued = Vec::new();
    for expected in [4, 4, 2, 0] {
        let some = bench.store.rescue(3, 4).await.expect("an answer");
        assert_eq!(some.len(), expected);
        rescued.extend(some.into_iter().map(|job| job.id));
    }
    rescued.sort();
    rescued.dedup();
    assert_eq!(rescued.len(), 10);
    assert!(
        bench
            .store
            .rescue(3, 0)
            .await
            .expect("an answer")
            .is_empty()
    );
}

/// Two that rescue at a time rescue each job once.
pub async fn a_job_is_rescued_once_by_many(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench.add_many(60).await;
    bench.claim(&claim(60, SHORT)).await;
    bench.pass(SHORT * 2).await;
    let rescued = bench
        .race(6, |_, store| async move {
            let mut count = 0;
            for _ in 0..20 {
                count += store.rescue(3, 7).await.expect("an answer").len();
            }
            count
        })
        .await;
    assert_eq!(rescued.iter().sum::<usize>(), 60);
    for job in bench.list(&Default::default()).await {
        assert_eq!(
            (job.state, job.crashes, job.attempt),
            (State::Available, 1, 0)
        );
    }
}

/// A rescued job stands where it stood before: it is not sent to the end of the queue.
pub async fn a_rescued_job_stands_where_it_stood(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let first = bench.add(job()).await;
    bench.take_one(SHORT).await;
    bench.pass(SHORT * 2).await;
    bench.add_many(3).await;
    bench.rescued(3).await;
    assert_eq!(bench.take(1).await[0].id, first);
}

/// A job that was called off before its worker died is not run again.
pub async fn a_job_that_was_called_off_is_not_rescued_to_run_again(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let id = bench.add(job()).await;
    let lost = bench.take_one(SHORT).await;
    bench
        .store
        .cancel(id, &by())
        .await
        .expect("it is called off");
    let rescued = bench.rescued(3).await;
    assert!(!rescued.dead);
    let kept = bench.job(id).await;
    assert_eq!((kept.state, kept.crashes), (State::Cancelled, 1));
    assert!(kept.finished_at.is_some());
    assert!(bench.take(1).await.is_empty());
    let late = bench.finish(finish(&lost, End::Done)).await;
    assert_eq!(late, Verdict::Stale);
}
