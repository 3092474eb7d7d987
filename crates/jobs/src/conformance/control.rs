//! Calling jobs off, and pausing queues.

use super::{
    Harness,
    bench::{Bench, LONG, QUEUE, by, claim_of, job, lease},
};
use crate::{
    Error, JobId, Reason, State,
    store::{Edit, End, NewJob, Pulse},
};

/// A job that waits is called off at once.
pub async fn a_job_that_waits_is_called_off_at_once(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for state in [State::Scheduled, State::Available] {
        let id = bench.in_state(state).await;
        let was = bench.store.cancel(id, &by()).await.expect("an answer");
        assert_eq!(was, state);
        let kept = bench.job(id).await;
        assert_eq!((kept.state, kept.attempt), (State::Cancelled, 0));
        assert!(kept.finished_at.is_some());
    }
    let claimed = bench.claim(&super::bench::claim(10, LONG)).await;
    assert!(claimed.jobs.is_empty());
    assert_eq!(claimed.next_due, None, "nothing waits any more");
}

/// The worker of a job that is called off while it runs is told, when it asks and when it renews, and nobody else is.
pub async fn the_worker_of_a_running_job_is_told(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let (one, other) = (bench.running().await, bench.running().await);
    let leases = [lease(&other), lease(&one)];
    let (called_off, _) = bench.store.control(&leases).await.expect("an answer");
    assert_eq!(called_off, []);
    let was = bench.store.cancel(one.id, &by()).await.expect("an answer");
    assert_eq!(was, State::Running);
    let kept = bench.job(one.id).await;
    assert_eq!((kept.state, kept.cancel_requested), (State::Running, true));
    let (called_off, _) = bench.store.control(&leases).await.expect("an answer");
    assert_eq!(called_off, [lease(&one)]);
    let unchanged = bench.job(one.id).await;
    assert_eq!(
        unchanged.lease_until, one.lease_until,
        "to ask renews nothing"
    );
    let pulses = bench.store.renew(&leases, LONG * 2).await;
    assert_eq!(pulses.expect("an answer"), [Pulse::Kept, Pulse::Cancel]);
    assert!(bench.job(one.id).await.lease_until > one.lease_until);
    let mut stale = lease(&one);
    stale.fence -= 1;
    let (called_off, _) = bench.store.control(&[stale]).await.expect("an answer");
    assert_eq!(called_off, [], "a former worker is not meant");
    bench
        .end(&one, End::Cancelled("as was asked".to_owned()))
        .await;
    let was = bench.store.retry(one.id, &by()).await.expect("an answer");
    assert_eq!(was, State::Cancelled);
    let again = bench.take_one(LONG).await;
    assert!(!again.cancel_requested, "that was another run");
}

/// A terminal job stays as it is when it is called off.
pub async fn a_terminal_job_cannot_be_called_off(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for state in [State::Completed, State::Cancelled, State::Dead] {
        let id = bench.in_state(state).await;
        let before = bench.job(id).await;
        let was = bench.store.cancel(id, &by()).await.expect("an answer");
        assert_eq!(was, state);
        assert_eq!(bench.job(id).await, before);
    }
}

/// What is done to a job that is not there is an error that names it.
pub async fn what_is_done_to_no_job_is_an_error(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let id = JobId::generate();
    let errors = [
        bench.store.cancel(id, &by()).await.expect_err("no job"),
        bench.store.retry(id, &by()).await.expect_err("no job"),
        bench
            .store
            .edit(id, &Edit::default(), &by())
            .await
            .expect_err("no job"),
    ];
    for error in errors {
        assert!(
            matches!(error, Error::NoSuchJob(named) if named == id),
            "{error:?}"
        );
    }
    assert!(bench.store.find(id).await.expect("an answer").is_none());
}

/// A paused queue gives nothing, and what runs goes on; then it gives everything again.
pub async fn a_paused_queue_gives_nothing(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let running = bench.running().await;
    bench.add_many(3).await;
    let elsewhere = NewJob {
        queue: "elsewhere".to_owned(),
        ..job()
    };
    let elsewhere = bench.add(elsewhere).await;
    for _ in 0..2 {
        bench.store.pause(QUEUE, &by()).await.expect("it is paused");
    }
    bench.add(job()).await;
    let queues = [(QUEUE, 10), ("elsewhere", 10)];
    let all = claim_of(&["work"], &queues, 20, LONG);
    let taken = bench.claim(&all).await.jobs;
    assert_eq!(
        taken.iter().map(|job| job.id).collect::<Vec<_>>(),
        [elsewhere]
    );
    let (_, paused) = bench.store.control(&[]).await.expect("an answer");
    assert_eq!(paused, [QUEUE]);
    let pulse = bench.store.renew(&[lease(&running)], LONG).await;
    assert_eq!(pulse.expect("an answer"), [Pulse::Kept]);
    bench.end(&running, End::HandBack).await;
    assert!(bench.take(10).await.is_empty());
    for _ in 0..2 {
        bench.store.resume(QUEUE, &by()).await.expect("it goes on");
    }
    let (_, paused) = bench.store.control(&[]).await.expect("an answer");
    assert!(paused.is_empty());
    assert_eq!(bench.take(10).await.len(), 5);
}

/// A queue that is paused is so for every process, and is known even without jobs.
pub async fn a_pause_is_known_to_all(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench
        .store
        .pause("quiet", &by())
        .await
        .expect("it is paused");
    let handles = bench.handles(2).await;
    let stats = handles[1].stats(false).await.expect("stats are told");
    assert!(stats.queues["quiet"].paused);
    let (_, paused) = handles[1].control(&[]).await.expect("an answer");
    assert_eq!(paused, ["quiet"]);
    let other = &handles[1];
    other.resume("quiet", &by()).await.expect("it goes on");
    let stats = bench.store.stats(false).await.expect("stats are told");
    assert!(stats.queues.get("quiet").is_none_or(|queue| !queue.paused));
}

/// A job that waits or is dead can be changed.
pub async fn a_job_that_waits_or_is_dead_can_be_changed(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for state in [State::Scheduled, State::Dead, State::Available] {
        let id = bench.in_state(state).await;
        let before = bench.job(id).await;
        let nothing = bench.store.edit(id, &Edit::default(), &by()).await;
        nothing.expect("nothing is changed");
        assert_eq!(bench.job(id).await, before);
        let edit = Edit {
            payload: Some(b"\0corrected\xff".to_vec()),
            max_attempts: Some(77),
            queue: Some("repair".to_owned()),
        };
        bench
            .store
            .edit(id, &edit, &by())
            .await
            .expect("it is changed");
        let after = bench.job(id).await;
        assert_eq!(Some(&after.payload), edit.payload.as_ref());
        assert_eq!((after.max_attempts, after.queue.as_str()), (77, "repair"));
        assert_eq!((after.state, after.run_at), (before.state, before.run_at));
        let attempts = Edit {
            max_attempts: Some(78),
            ..Edit::default()
        };
        bench
            .store
            .edit(id, &attempts, &by())
            .await
            .expect("it is changed");
        let again = bench.job(id).await;
        assert_eq!((again.max_attempts, &again.payload), (78, &after.payload));
    }
    assert!(bench.take(10).await.is_empty(), "it has left its queue");
    let repair = claim_of(&["work"], &[("repair", 10)], 10, LONG);
    let taken = bench.claim(&repair).await.jobs;
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].payload, b"\0corrected\xff");
}

/// A job that runs or is over cannot be changed.
pub async fn a_job_that_runs_or_is_over_cannot_be_changed(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for state in [State::Completed, State::Cancelled, State::Running] {
        let id = bench.in_state(state).await;
        let before = bench.job(id).await;
        let edit = Edit {
            payload: Some(b"other".to_vec()),
            ..Edit::default()
        };
        let error = bench.store.edit(id, &edit, &by()).await;
        let error = error.expect_err("it cannot be changed");
        let fits = matches!(error, Error::WrongState { id: named, state: is, .. } if named == id && is == state);
        assert!(fits, "{error:?}");
        assert_eq!(bench.job(id).await, before);
    }
}

/// The audit says who did what to what, newest first, and is asked for all or for one.
pub async fn the_audit_says_who_did_what(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let before = bench.now().await;
    let id = bench.in_state(State::Dead).await;
    let mut by = by();
    by.why = Some("ticket 7".to_owned());
    let store = &bench.store;
    store.retry(id, &by).await.expect("it is retried");
    store
        .edit(id, &Edit::default(), &by)
        .await
        .expect("it is edited");
    store.cancel(id, &by).await.expect("it is called off");
    let only = super::bench::only(id);
    store.pause("mail", &by).await.expect("it is paused");
    store.resume("mail", &by).await.expect("it goes on");
    store
        .audit(&by, "config.change", "worker", Some("concurrency 4"))
        .await
        .expect("it is noted");
    let after = bench.now().await;
    let subject = id.to_string();
    let lines = store.audits(Some(&subject), 10).await.expect("an answer");
    let actions: Vec<_> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["cancel", "edit", "retry"]);
    for line in &lines {
        assert_eq!(line.actor, by.actor);
        assert!(before <= line.at && line.at <= after);
        assert!(
            line.detail
                .as_ref()
                .is_some_and(|it| it.contains("ticket 7")),
            "{line:?}"
        );
    }
    let mail = store.audits(Some("mail"), 10).await.expect("an answer");
    let actions: Vec<_> = mail.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["resume", "pause"]);
    let all = store.audits(None, 3).await.expect("an answer");
    assert_eq!(all.len(), 3);
    assert_eq!(
        (all[0].action.as_str(), all[0].subject.as_str()),
        ("config.change", "worker")
    );
    assert!(
        all[0]
            .detail
            .as_ref()
            .is_some_and(|it| it.contains("concurrency 4"))
    );
    assert_eq!(all[1], mail[0]);
    let dropped = store.discard(&only, 10, &by).await.expect("an answer");
    assert_eq!(dropped, 1);
    let lines = store.audits(None, 1).await.expect("an answer");
    assert_eq!(lines[0].action, "drop");
    let lines = store.audits(Some(&subject), 10).await.expect("an answer");
    assert!(lines.len() >= 3, "the audit outlives the job");
}

/// A job that nobody could change in the end is as its worker left it: what fails changes nothing.
pub async fn what_is_refused_changes_nothing(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let running = bench.running().await;
    bench.end(&running, End::Dead(Reason::Failed)).await;
    bench.add(job()).await;
    let busy = bench.take_one(LONG).await;
    let edit = Edit {
        queue: Some("repair".to_owned()),
        ..Edit::default()
    };
    bench
        .store
        .edit(busy.id, &edit, &by())
        .await
        .expect_err("it runs");
    let was = bench.store.retry(busy.id, &by()).await.expect("an answer");
    assert_eq!(was, State::Running);
    assert_eq!(bench.job(busy.id).await, busy);
    let subject = busy.id.to_string();
    let lines = bench.store.audits(Some(&subject), 10).await;
    assert!(lines.expect("an answer").is_empty(), "nothing was done");
}
