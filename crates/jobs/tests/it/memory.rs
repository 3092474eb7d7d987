//! What the store in memory does beyond what every store does.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use atlas_jobs::{
    Limit, MemoryStore, Priority, State,
    clock::{Clock, LATEST, TestClock},
    store::{By, End, Finish, Lease, Run, Store, Transactions},
};

use crate::sql::{claim_of as claim, job};

#[tokio::test]
async fn it_says_what_it_cannot_do() {
    let features = MemoryStore::new().features();
    assert!(!features.durable && !features.shared && features.push);
    assert_eq!(features.transactions, Transactions::None);
}

#[tokio::test]
async fn clones_and_what_is_aside_are_the_same_store() {
    let store = MemoryStore::new();
    let job = job("a");
    let id = job.id;
    store.clone().enqueue(vec![job]).await.unwrap();
    assert!(store.aside().find(id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_clock_that_goes_back_does_not_take_the_store_with_it() {
    let clock = TestClock::new();
    let wall = clock.clone();
    let steps = Arc::new(std::sync::Mutex::new(vec![0, -3600, 5]));
    let store = MemoryStore::with_clock(move || {
        let step = steps.lock().unwrap().pop().unwrap_or(-7200);
        wall.now() + chrono::TimeDelta::seconds(step)
    });
    let first = store.now().await.unwrap();
    assert_eq!(first, clock.now() + chrono::TimeDelta::seconds(5));
    for _ in 0..3 {
        assert_eq!(store.now().await.unwrap(), first);
    }
}

/// How long one claim of one job takes, the shortest of many, with this many jobs in the way.
async fn cost(backlog: usize) -> Duration {
    let store = MemoryStore::new();
    let jobs = (0..backlog).map(|index| {
        let mut job = job(if index % 4 == 0 { "wanted" } else { "unknown" });
        // half of what is wanted counts against a limit that is used up
        job.limit = (index % 8 == 0).then(|| Limit::key("full", 1));
        job
    });
    store.enqueue(jobs.collect()).await.expect("memory answers");
    let mut blocker = job("blocker");
    blocker.limit = Some(Limit::key("full", 1));
    blocker.priority = Priority::URGENT;
    store.enqueue(vec![blocker]).await.expect("memory answers");
    let taken = store
        .claim(&claim(&["blocker"], 1))
        .await
        .expect("memory answers");
    assert_eq!(taken.jobs.len(), 1);
    let mut shortest = Duration::MAX;
    for _ in 0..50 {
        let start = Instant::now();
        let taken = store
            .claim(&claim(&["wanted"], 1))
            .await
            .expect("memory answers");
        shortest = shortest.min(start.elapsed());
        assert_eq!(taken.jobs.len(), 1);
        assert!(taken.jobs[0].limit.is_none());
    }
    shortest
}

#[tokio::test]
async fn a_claim_costs_the_same_among_a_thousand_jobs_and_among_very_many() {
    let (few, many) = (cost(1_000).await, cost(200_000).await);
    // a look at every job would be 200 times as long
    assert!(
        many < few * 20 + Duration::from_micros(200),
        "{few:?} among 1,000, {many:?} among 200,000"
    );
}

#[tokio::test]
async fn nothing_is_left_of_jobs_that_are_pruned() {
    let clock = TestClock::new();
    let store = MemoryStore::with_clock(clock.clone());
    for round in 0..20 {
        let mut new = job("a");
        new.queue = format!("queue-{round}");
        new.limit = Some(Limit::key(round, 1));
        let id = new.id;
        store.enqueue(vec![new]).await.unwrap();
        store.cancel(id, &By::new("test")).await.unwrap();
    }
    clock.advance(Duration::from_secs(1));
    let pruned = store.prune(State::Cancelled, Duration::ZERO, 100).await;
    assert_eq!(pruned.unwrap(), 20);
    assert!(store.stats(true).await.unwrap().queues.is_empty());
}

#[tokio::test]
async fn a_slot_that_is_given_back_wakes_those_who_wait_for_it() {
    let store = MemoryStore::new();
    let jobs = (0..2).map(|_| {
        let mut job = job("a");
        job.limit = Some(Limit::key("one", 1));
        job
    });
    store.enqueue(jobs.collect()).await.unwrap();
    let taken = store.claim(&claim(&["a"], 2)).await.unwrap().jobs;
    assert_eq!(taken.len(), 1);
    let mut wake = store.listen().await.unwrap().unwrap();
    let lease = Lease {
        job: taken[0].id,
        fence: taken[0].fence,
    };
    let done = Finish {
        lease,
        end: End::Done,
        failure: None,
    };
    store.finish(&[done]).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(30), wake.next()).await;
    assert_eq!(
        told.unwrap(),
        atlas_jobs::store::Signal::Work("default".to_owned())
    );
}

#[tokio::test]
async fn a_wait_beyond_the_last_year_ends_with_it() {
    let store = MemoryStore::new();
    let mut new = job("a");
    new.run = Run::In(Duration::MAX);
    let id = new.id;
    store.enqueue(vec![new]).await.unwrap();
    assert_eq!(store.find(id).await.unwrap().unwrap().run_at, LATEST);
}
