//! What becomes of a job by what its handler does.

use std::{sync::Arc, time::Duration};

use atlas_jobs::{
    Drain, FailureKind, Handler, Handlers, JobRecord, Middleware, Next, Outcome, Reason, Run, State,
};

use super::{Count, Ledger, Task, World, config, task};

#[tokio::test]
async fn a_job_that_fails_is_run_exactly_as_often_as_it_may_and_every_error_is_kept() {
    let world = World::new(config());
    let runs = Count::default();
    let counted = runs.clone();
    let worker = world.work(Handler::of(move |job: Run<Task>| {
        counted.add();
        let attempt = job.attempt();
        async move { Err::<(), _>(std::io::Error::other(format!("no {attempt}"))) }
    }));
    let id = world.add(task(1)).await;
    let record = world.reaches(id, State::Dead).await;
    worker.stop().await;
    assert_eq!(record.reason, Some(Reason::Exhausted));
    assert_eq!((record.attempt, runs.get()), (3, 3));
    let failures = world.store.failures(id).await.unwrap();
    let told: Vec<_> = failures
        .iter()
        .map(|it| (it.attempt, it.message.as_str()))
        .collect();
    assert_eq!(told, [(1, "no 1"), (2, "no 2"), (3, "no 3")]);
}

#[tokio::test]
async fn snoozes_use_no_attempt() {
    let world = World::new(config());
    let runs = Count::default();
    let counted = runs.clone();
    let worker = world.work(Handler::of(move |_: Run<Task>| {
        let snooze = counted.add() <= 100;
        async move {
            match snooze {
                true => Outcome::Snooze(Duration::ZERO),
                false => Outcome::Done,
            }
        }
    }));
    let id = world.add(task(1)).await;
    let record = world.reaches(id, State::Completed).await;
    worker.stop().await;
    assert_eq!((record.snoozes, record.attempt), (100, 1));
}

#[tokio::test]
async fn a_handler_may_end_its_job_at_once() {
    let world = World::new(config());
    let worker = world.work(Handler::of(|job: Run<Task>| async move {
        match job.number {
            1 => Outcome::cancel("not needed"),
            2 => Outcome::fail("no retry can help"),
            _ => Outcome::retry_after(Duration::from_secs(3600), "later"),
        }
    }));
    let (one, two, three) = (
        world.add(task(1)).await,
        world.add(task(2)).await,
        world.add(task(3)).await,
    );
    world.reaches(one, State::Cancelled).await;
    let dead = world.reaches(two, State::Dead).await;
    assert_eq!((dead.reason, dead.attempt), (Some(Reason::Failed), 1));
    let later = world.reaches(three, State::Scheduled).await;
    assert!((later.run_at - later.created_at).num_seconds() >= 3600);
    worker.stop().await;
}

#[tokio::test]
async fn a_payload_that_cannot_be_read_is_dead_and_keeps_its_bytes() {
    let world = World::new(config());
    let worker = world.work(Handler::of(|_: Run<Task>| async {}));
    let broken = b"{\"number\":\"no\"}".to_vec();
    let id = world.jobs.enqueue_raw("task", broken.clone());
    let id = id.await.unwrap().id();
    let record = world.reaches(id, State::Dead).await;
    worker.stop().await;
    assert_eq!(record.reason, Some(Reason::Undecodable));
    assert_eq!(record.payload, broken);
    let failures = world.store.failures(id).await.unwrap();
    assert_eq!(failures[0].kind, FailureKind::Undecodable);
}

#[tokio::test]
async fn a_kind_that_a_worker_does_not_know_is_left_to_one_that_does() {
    let world = World::new(config());
    let worker = world.work(Handler::of(|_: Run<Task>| async {}));
    let newer = world.jobs.enqueue_raw("task@2", b"{}".to_vec());
    let newer = newer.await.unwrap().id();
    let known = world.add(task(1)).await;
    world.reaches(known, State::Completed).await;
    worker.stop().await;
    let record = world.find(newer).await;
    assert_eq!((record.state, record.attempt), (State::Available, 0));
}

struct Noting(&'static str, Ledger);

#[atlas_jobs::async_trait]
impl Middleware for Noting {
    async fn run(&self, record: &JobRecord, next: Next<'_>) -> Outcome {
        if record.attempt == 1 && self.0 == "b" {
            unreachable!("a fault of the hook");
        }
        self.1.note(format!("{} before", self.0));
        let outcome = next.run().await;
        self.1.note(format!("{} after", self.0));
        outcome
    }
}

#[tokio::test]
async fn a_panic_in_a_handler_or_a_hook_fails_the_attempt_and_the_worker_lives() {
    let world = World::new(config());
    let ledger = Ledger::default();
    let hooks: Vec<Arc<dyn Middleware>> = vec![
        Arc::new(Noting("a", ledger.clone())),
        Arc::new(Noting("b", ledger.clone())),
    ];
    let handler = Handler::of(|job: Run<Task>| async move {
        if job.attempt() == 2 {
            unreachable!("a fault of the handler");
        }
    });
    let worker = world.work_with(handler, hooks);
    let id = world.add(task(1)).await;
    let record = world.reaches(id, State::Completed).await;
    worker.stop().await;
    assert_eq!(record.attempt, 3);
    let failures = world.store.failures(id).await.unwrap();
    let words: Vec<_> = failures.iter().map(|it| it.message.as_str()).collect();
    assert!(words[0].contains("a fault of the hook"), "{words:?}");
    assert!(words[1].contains("a fault of the handler"), "{words:?}");
    for failure in &failures {
        assert_eq!(failure.kind, FailureKind::Panic);
        let backtrace = failure.backtrace.as_deref().unwrap_or_default();
        assert!(backtrace.contains("ends.rs"), "{backtrace}");
    }
    let last = ledger.read();
    let last = &last[last.len() - 4..];
    assert_eq!(last, ["a before", "b before", "b after", "a after"]);
}

#[tokio::test]
async fn a_drain_runs_what_is_due_and_nothing_else() {
    let world = World::new(config());
    let due = world.add(task(1)).await;
    let later = world.jobs.enqueue(task(2)).after(super::LONG);
    let later = later.await.unwrap().id();
    let handlers = Handlers::new(vec![Handler::of(|_: Run<Task>| async {})]).unwrap();
    let store = Arc::clone(&world.store);
    let drain = Drain::new(store, handlers, Vec::new(), &world.config);
    assert_eq!(drain.run().await.unwrap().ran, [due]);
    assert_eq!(drain.run().await.unwrap().ran, []);
    assert_eq!(world.find(due).await.state, State::Completed);
    assert_eq!(world.find(later).await.state, State::Scheduled);
}
