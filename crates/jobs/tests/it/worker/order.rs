//! Which jobs come first, and when they come again.

use std::{sync::Arc, time::Duration};

use atlas_jobs::{
    Backoff, Drain, Handler, Handlers, Job, MemoryStore, Options, Outcome, Priority, Reason, Run,
    State,
    clock::{Clock, TestClock},
};
use serde::{Deserialize, Serialize};

use super::{Ledger, Task, World, config, task, until};

fn by_hand() -> (World, TestClock) {
    let clock = TestClock::new();
    let store = MemoryStore::with_clock(clock.clone());
    (World::with(config(), Arc::new(store)), clock)
}

fn drain(world: &World, handler: Handler) -> Drain {
    let handlers = Handlers::new(vec![handler]).unwrap();
    Drain::new(
        Arc::clone(&world.store),
        handlers,
        Vec::new(),
        &world.config,
    )
}

fn noting(ledger: &Ledger) -> Handler {
    let ledger = ledger.clone();
    Handler::of(move |job: Run<Task>| {
        ledger.note(job.number.to_string());
        async {}
    })
}

const BACKOFF: Backoff = Backoff::exponential(Duration::from_secs(2));

#[derive(Serialize, Deserialize)]
struct Flaky;

impl Job for Flaky {
    const KIND: &'static str = "flaky";

    fn options(&self) -> Options {
        Options::new().backoff(BACKOFF).max_attempts(5)
    }
}

#[tokio::test]
async fn each_retry_waits_as_long_as_the_back_off_says_and_is_never_early() {
    let (world, clock) = by_hand();
    let id = world.jobs.enqueue(Flaky).await.unwrap().id();
    let fails = |_: Run<Flaky>| async { Err::<(), _>(std::io::Error::other("no")) };
    let drain = drain(&world, Handler::of(fails));
    for attempt in 1..5 {
        assert_eq!(drain.run().await.unwrap().ran, [id], "attempt {attempt}");
        let wait = (world.find(id).await.run_at - clock.now())
            .to_std()
            .unwrap();
        let (shortest, longest) = BACKOFF.bounds(attempt);
        assert!(wait >= shortest, "{wait:?}");
        assert!(wait <= longest + Duration::from_millis(1), "{wait:?}");
        clock.advance(wait - Duration::from_millis(1));
        assert_eq!(drain.run().await.unwrap().ran, []);
        clock.advance(Duration::from_millis(1));
    }
    assert_eq!(drain.run().await.unwrap().ran, [id]);
    let dead = world.find(id).await;
    assert_eq!((dead.state, dead.attempt), (State::Dead, 5));
    assert_eq!(world.store.failures(id).await.unwrap().len(), 5);
}

#[tokio::test]
async fn what_would_be_retried_too_late_is_dead() {
    let (world, _) = by_hand();
    let options = Options::new().max_age(Duration::from_secs(60));
    let id = world
        .jobs
        .enqueue(task(1))
        .options(options)
        .await
        .unwrap()
        .id();
    let later = |_: Run<Task>| async {
        Outcome::retry_after(Duration::from_secs(3600), std::io::Error::other("busy"))
    };
    drain(&world, Handler::of(later)).run().await.unwrap();
    let dead = world.find(id).await;
    assert_eq!(
        (dead.state, dead.reason),
        (State::Dead, Some(Reason::Expired))
    );
}

#[tokio::test]
async fn urgent_jobs_come_first_until_others_have_waited_long_enough() {
    let (world, clock) = by_hand();
    let add = |number, priority| world.jobs.enqueue(task(number)).priority(priority);
    add(1, Priority::LOW).await.unwrap();
    clock.advance(Duration::from_secs(181));
    add(2, Priority::LOW).await.unwrap();
    add(3, Priority::NORMAL).await.unwrap();
    add(4, Priority::HIGH).await.unwrap();
    let ledger = Ledger::default();
    drain(&world, noting(&ledger)).run().await.unwrap();
    assert_eq!(ledger.read(), ["1", "4", "3", "2"]);
}

#[tokio::test]
async fn queues_get_places_by_their_weights() {
    let mut settings = config();
    settings.concurrency = 1;
    // what is taken ahead together runs by its age
    settings.prefetch = 0;
    settings.queues = [("a".to_owned(), 3), ("b".to_owned(), 1)].into();
    let (world, ledger) = (World::new(settings), Ledger::default());
    for number in 0..200 {
        let queue = ["a", "b"][number as usize % 2];
        world
            .jobs
            .enqueue(task(number % 2))
            .queue(queue)
            .await
            .unwrap();
    }
    let worker = world.work(noting(&ledger));
    until(|| async { ledger.read().len() == 200 }).await;
    worker.stop().await;
    let of_b = ledger.read()[..80].iter().filter(|it| *it == "1").count();
    assert_eq!(of_b, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_that_are_called_off_while_they_end_or_are_retried_reach_one_end_each() {
    use atlas_jobs::store::{By, Filter, Page};
    let world = World::new(config());
    let jobs = world.jobs.enqueue_all((0..2000).map(task)).await.unwrap();
    let worker = world.work(Handler::of(|job: Run<Task>| async move {
        tokio::task::yield_now().await;
        match job.number.is_multiple_of(3) && job.attempt() == 1 {
            true => Err(std::io::Error::other("once")),
            false => Ok(()),
        }
    }));
    for job in &jobs {
        world
            .store
            .cancel(job.id(), &By::new("test"))
            .await
            .unwrap();
        tokio::task::yield_now().await;
    }
    let all = Page {
        after: None,
        limit: 5000,
    };
    until(|| async {
        let found = world.store.list(&Filter::default(), all).await.unwrap();
        found.iter().all(|it| it.state.is_terminal())
    })
    .await;
    worker.stop().await;
    let found = world.store.list(&Filter::default(), all).await.unwrap();
    assert_eq!(found.len(), 2000);
    for job in found {
        let failed = world.store.failures(job.id).await.unwrap().len();
        let ended = matches!(job.state, State::Completed | State::Cancelled);
        assert!(ended && failed <= 1, "{job:?}");
    }
}
