//! Holding on to a job, and losing it.

use std::time::Duration;

use super::{
    Harness,
    bench::{Bench, LONG, SHORT, claim, failure, finish, job, lease},
};
use crate::{
    JobId, Reason, State,
    store::{End, Lease, Pulse, Verdict},
};

/// All ends that a run can have.
pub(super) fn ends() -> Vec<End> {
    vec![
        End::Done,
        End::Retry(Duration::ZERO),
        End::Retry(LONG),
        End::Snooze(Duration::ZERO),
        End::HandBack,
        End::Cancelled("not needed".to_owned()),
        End::Dead(Reason::Exhausted),
    ]
}

/// A lease that is renewed in time does not run out.
pub async fn a_lease_that_is_renewed_does_not_run_out(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench.add(job()).await;
    let running = bench.take_one(SHORT).await;
    let renewed = bench.store.renew(&[lease(&running)], LONG).await;
    assert_eq!(renewed.expect("an answer"), [Pulse::Kept]);
    bench.pass(SHORT * 2).await;
    let rescued = bench.store.rescue(3, 10).await.expect("an answer");
    assert_eq!(rescued, []);
    let kept = bench.job(running.id).await;
    assert_eq!((kept.state, kept.fence), (State::Running, running.fence));
    assert!(kept.lease_until > running.lease_until);
}

/// Pulses stand in the order of the leases, and each says what is the matter with its own.
pub async fn each_lease_has_its_own_pulse(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let kept = bench.running().await;
    let called_off = bench.running().await;
    let by = super::bench::by();
    bench
        .store
        .cancel(called_off.id, &by)
        .await
        .expect("it is called off");
    let done = bench.running().await;
    bench.end(&done, End::Done).await;
    let unknown = Lease {
        job: JobId::generate(),
        fence: 1,
    };
    let future = Lease {
        fence: kept.fence + 1,
        ..lease(&kept)
    };
    let leases = [
        unknown,
        lease(&called_off),
        future,
        lease(&kept),
        lease(&done),
    ];
    let pulses = bench.store.renew(&leases, LONG).await.expect("an answer");
    use Pulse::{Cancel, Kept, Lost};
    assert_eq!(pulses, [Lost, Cancel, Lost, Kept, Lost]);
    assert_eq!(bench.store.renew(&[], LONG).await.expect("an answer"), []);
}

/// A thousand leases are renewed by one call.
pub async fn a_thousand_leases_are_renewed_by_one_call(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench.add_many(1_000).await;
    let running = bench.claim(&claim(1_000, LONG)).await.jobs;
    let leases: Vec<Lease> = running.iter().map(lease).collect();
    let pulses = bench.store.renew(&leases, LONG * 2).await;
    assert_eq!(pulses.expect("an answer"), [Pulse::Kept; 1_000]);
    let kept = bench.job(running[999].id).await;
    assert!(kept.lease_until > running[999].lease_until);
}

/// A stale worker changes nothing, whatever it says: the job belongs to another one.
pub async fn a_stale_worker_changes_nothing(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench.add(job()).await;
    let stale = bench.take_one(SHORT).await;
    bench.rescued(10).await;
    let owner = bench.take_one(LONG).await;
    assert_eq!(owner.id, stale.id);
    let failures = bench.failures(owner.id).await;
    for end in ends() {
        let mut late = finish(&stale, end.clone());
        late.failure = Some(failure(&stale, "too late"));
        assert_eq!(bench.finish(late).await, Verdict::Stale, "{end:?}");
        assert_eq!(bench.job(owner.id).await, owner, "{end:?}");
    }
    let told = bench.store.progress(lease(&stale), "1").await;
    assert_eq!(told.expect("an answer"), Verdict::Stale);
    let pulse = bench.store.renew(&[lease(&stale)], LONG * 2).await;
    assert_eq!(pulse.expect("an answer"), [Pulse::Lost]);
    assert_eq!(bench.job(owner.id).await, owner);
    assert_eq!(bench.failures(owner.id).await, failures);
    bench.end(&owner, End::Done).await;
}

/// Nobody changes a job that does not run, under any fence.
pub async fn nobody_changes_a_job_that_does_not_run(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for end in ends() {
        bench.add(job()).await;
        let run = bench.take_one(LONG).await;
        bench.end(&run, end.clone()).await;
        let after = bench.job(run.id).await;
        for again in ends() {
            let verdict = bench.finish(finish(&run, again.clone())).await;
            assert_eq!(verdict, Verdict::Stale, "{end:?}, then {again:?}");
        }
        let told = bench.store.progress(lease(&run), "1").await;
        assert_eq!(told.expect("an answer"), Verdict::Stale, "{end:?}");
        assert_eq!(bench.job(run.id).await, after, "{end:?}");
        let by = super::bench::by();
        bench.store.cancel(run.id, &by).await.expect("an answer");
    }
    let waiting = bench.add(job()).await;
    let guess = Lease {
        job: waiting,
        fence: 0,
    };
    let pulse = bench.store.renew(&[guess], LONG).await.expect("an answer");
    assert_eq!(pulse, [Pulse::Lost]);
    let told = bench.store.progress(guess, "1").await.expect("an answer");
    assert_eq!(told, Verdict::Stale);
}

/// A lease that ran out and that nobody has taken still holds: the work that was done is not done again.
pub async fn a_lease_that_nobody_has_taken_still_holds(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench.enqueue(vec![job(), job()]).await;
    let running = bench.claim(&claim(2, SHORT)).await.jobs;
    bench.pass(SHORT * 2).await;
    bench.end(&running[0], End::Done).await;
    let pulse = bench.store.renew(&[lease(&running[1])], LONG).await;
    assert_eq!(pulse.expect("an answer"), [Pulse::Kept]);
    assert_eq!(bench.store.rescue(3, 10).await.expect("an answer"), []);
    assert_eq!(bench.state(running[0].id).await, State::Completed);
    assert_eq!(bench.state(running[1].id).await, State::Running);
}

/// What a handler says of its progress is kept with the job.
pub async fn progress_is_kept_with_the_job(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let running = bench.running().await;
    for progress in ["0.5", "{\"done\": 3, \"of\": 4}"] {
        let told = bench.store.progress(lease(&running), progress).await;
        assert_eq!(told.expect("an answer"), Verdict::Applied);
        let kept = bench.job(running.id).await.progress;
        assert_eq!(kept.as_deref(), Some(progress));
    }
}

/// A lease of any length overflows nothing.
pub async fn the_longest_lease_overflows_nothing(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench.add(job()).await;
    let running = bench.take_one(Duration::MAX).await;
    let pulse = bench.store.renew(&[lease(&running)], Duration::MAX).await;
    assert_eq!(pulse.expect("an answer"), [Pulse::Kept]);
    assert_eq!(bench.store.rescue(3, 10).await.expect("an answer"), []);
    bench.end(&running, End::Retry(Duration::MAX)).await;
    assert_eq!(bench.state(running.id).await, State::Scheduled);
    assert!(bench.take(1).await.is_empty());
}
