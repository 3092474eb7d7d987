//! Ticks that nobody was there for.

use std::time::Duration;

use atlas_jobs::{
    State,
    store::{Filter, Misfire, Page},
};

use super::{Process, nightly};

#[tokio::test]
async fn ticks_that_were_missed_are_left_out_fired_once_or_all_fired() {
    for (misfire, jobs) in [(Misfire::Skip, 0), (Misfire::Once, 1), (Misfire::All, 10)] {
        let (clock, process) =
            Process::in_memory(vec![nightly("* * * * *").misfire(misfire)]).await;
        process.pass(&clock, 10 * 60 + 30).await;
        assert_eq!(process.count().await, jobs, "{misfire:?}");
        process.pass(&clock, 30).await;
        assert_eq!(process.count().await, jobs + 1, "{misfire:?}");
    }
}

#[tokio::test]
async fn a_thousand_missed_ticks_are_fired_and_no_more() {
    let schedule = nightly("* * * * *").misfire(Misfire::All);
    let (clock, process) = Process::in_memory(vec![schedule]).await;
    process.pass(&clock, 5_000 * 60 + 30).await;
    assert_eq!(process.count().await, 1_000);
    process.pass(&clock, 30).await;
    assert_eq!(process.count().await, 1_001);
}

#[tokio::test]
async fn jitter_puts_jobs_off_and_leaves_ticks_where_they_are() {
    let longest = Duration::from_secs(30);
    let schedule = nightly("* * * * *").jitter(longest);
    let (clock, process) = Process::in_memory(vec![schedule]).await;
    for _ in 0..20 {
        process.pass(&clock, 60).await;
    }
    let page = Page {
        after: None,
        limit: 100,
    };
    let jobs = process.store.list(&Filter::default(), page).await.unwrap();
    assert_eq!(jobs.len(), 20);
    let delays: Vec<_> = jobs
        .iter()
        .map(|it| (it.run_at - it.created_at).to_std().unwrap())
        .collect();
    assert!(delays.iter().all(|it| *it <= longest), "{delays:?}");
    assert!(delays.iter().any(|it| *it != delays[0]), "{delays:?}");
    assert!(jobs.iter().any(|it| it.state == State::Scheduled));
    let next = process.schedules.list().await.unwrap()[0]
        .next_tick
        .unwrap();
    assert_eq!(next.timestamp() % 60, 0);
}
