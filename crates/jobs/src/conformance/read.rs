//! What can be asked of a store.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Harness,
    bench::{Bench, LONG, QUEUE, by, in_state, job},
};
use crate::{
    JobId, JobRecord, Reason, State,
    store::{Filter, NewJob, Page},
};

fn names(jobs: &[JobRecord]) -> Vec<JobId> {
    jobs.iter().map(|job| job.id).collect()
}

/// Jobs are listed newest first, page after page, none twice and none left out, whatever comes in meanwhile.
pub async fn jobs_are_listed_newest_first(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let mut expected = bench.add_many(25).await;
    expected.sort();
    expected.reverse();
    let (mut listed, mut after) = (Vec::new(), None);
    for length in [10, 10, 5, 0] {
        let page = Page { after, limit: 10 };
        let jobs = bench.store.list(&Filter::default(), page).await;
        let jobs = names(&jobs.expect("jobs are listed"));
        assert_eq!(jobs.len(), length);
        after = jobs.last().copied().or(after);
        listed.extend(jobs);
        bench.add(job()).await;
    }
    assert_eq!(listed, expected);
    let none = Page {
        after: None,
        limit: 0,
    };
    let none = bench.store.list(&Filter::default(), none).await;
    assert!(none.expect("an answer").is_empty());
}

/// A filter meets the jobs for which everything holds that it says.
pub async fn a_filter_meets_what_it_says(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    let before = bench.now().await;
    let dead = bench.in_state(State::Dead).await;
    let done = bench.in_state(State::Completed).await;
    bench.pass(Duration::from_millis(20)).await;
    let after = bench.now().await + chrono::TimeDelta::milliseconds(1);
    let running = bench.in_state(State::Running).await;
    let mail = bench
        .add(NewJob {
            queue: "mail".to_owned(),
            ..job()
        })
        .await;
    let newer = bench
        .add(NewJob {
            kind: "work@2".to_owned(),
            schedule: Some("nightly".to_owned()),
            ..job()
        })
        .await;
    let other = bench
        .add(NewJob {
            kind: "work2".to_owned(),
            ..job()
        })
        .await;
    let text = |text: &str| Some(text.to_owned());
    let any = Filter::default();
    let states = |states: &[State]| Filter {
        states: states.to_vec(),
        ..any.clone()
    };
    let cases = [
        (any.clone(), vec![dead, done, running, mail, newer, other]),
        (
            Filter {
                ids: Some(vec![mail, dead, JobId::generate()]),
                ..any.clone()
            },
            vec![mail, dead],
        ),
        (
            Filter {
                ids: Some(vec![]),
                ..any.clone()
            },
            vec![],
        ),
        (
            Filter {
                queue: text("mail"),
                ..any.clone()
            },
            vec![mail],
        ),
        (
            Filter {
                queue: text("none"),
                ..any.clone()
            },
            vec![],
        ),
        (
            Filter {
                kind: text("work"),
                ..any.clone()
            },
            vec![dead, done, running, mail, newer],
        ),
        (
            Filter {
                kind: text("work2"),
                ..any.clone()
            },
            vec![other],
        ),
        (states(&[State::Running]), vec![running]),
        (states(&[State::Dead, State::Completed]), vec![dead, done]),
        (
            Filter {
                reason: Some(Reason::Failed),
                ..any.clone()
            },
            vec![dead],
        ),
        (
            Filter {
                reason: Some(Reason::CrashLoop),
                ..any.clone()
            },
            vec![],
        ),
        (
            Filter {
                schedule: text("nightly"),
                ..any.clone()
            },
            vec![newer],
        ),
        (
            Filter {
                finished_before: Some(after),
                ..any.clone()
            },
            vec![dead, done],
        ),
        (
            Filter {
                finished_before: Some(before),
                ..any.clone()
            },
            vec![],
        ),
        (
            Filter {
                finished_before: Some(crate::Time::MAX_UTC),
                ..any.clone()
            },
            vec![dead, done],
        ),
        (
            Filter {
                finished_before: Some(crate::Time::MIN_UTC),
                ..any.clone()
            },
            vec![],
        ),
        (
            Filter {
                kind: text("work"),
                queue: text(QUEUE),
                ..states(&[State::Available])
            },
            vec![newer],
        ),
        (
            Filter {
                queue: text("mail"),
                ..states(&[State::Running])
            },
            vec![],
        ),
    ];
    for (filter, mut expected) in cases {
        expected.sort();
        expected.reverse();
        assert_eq!(names(&bench.list(&filter).await), expected, "{filter:?}");
    }
}

/// What is listed is what is kept.
pub async fn what_is_listed_is_what_is_kept(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for state in [
        State::Completed,
        State::Cancelled,
        State::Dead,
        State::Running,
        State::Scheduled,
        State::Available,
    ] {
        let id = bench.in_state(state).await;
        let listed = bench.list(&super::bench::only(id)).await;
        assert_eq!(listed, [bench.job(id).await]);
        assert_eq!(bench.list(&in_state(state)).await, listed);
    }
}

/// Stats agree with what is there: by queue, by state, and in all.
pub async fn stats_agree_with_what_is_there(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for (state, count) in [
        (State::Completed, 1),
        (State::Cancelled, 2),
        (State::Dead, 3),
        (State::Running, 4),
        (State::Scheduled, 5),
        (State::Available, 6),
    ] {
        for _ in 0..count {
            bench.in_state(state).await;
        }
    }
    let mail = (0..7).map(|_| NewJob {
        queue: "mail".to_owned(),
        ..job()
    });
    bench.enqueue(mail.collect()).await;
    for all in [true, false] {
        let stats = bench.store.stats(all).await.expect("stats are told");
        let mut found: BTreeMap<(String, State), u64> = BTreeMap::new();
        for job in bench.list(&Filter::default()).await {
            if all || !job.state.is_terminal() {
                *found.entry((job.queue, job.state)).or_default() += 1;
            }
        }
        let mut told = BTreeMap::new();
        for (queue, stats) in &stats.queues {
            for (state, jobs) in stats.jobs.iter().filter(|(_, jobs)| **jobs > 0) {
                told.insert((queue.clone(), *state), *jobs);
            }
        }
        assert_eq!(told, found);
        assert_eq!(found.values().sum::<u64>(), if all { 28 } else { 22 });
    }
    let gone = in_state(State::Dead);
    bench
        .store
        .discard(&gone, 2, &by())
        .await
        .expect("an answer");
    let stats = bench.store.stats(true).await.expect("stats are told");
    assert_eq!(stats.queues[QUEUE].jobs[&State::Dead], 1);
}

/// Stats say how long the oldest job has been available.
pub async fn stats_say_how_long_the_oldest_has_waited(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    bench.in_state(State::Running).await;
    bench.in_state(State::Scheduled).await;
    let oldest = async || {
        let stats = bench.store.stats(false).await.expect("stats are told");
        (stats.queues[QUEUE].oldest, stats.now)
    };
    assert_eq!(oldest().await.0, None, "nothing is available");
    let first = bench.add(job()).await;
    bench.pass(Duration::from_millis(50)).await;
    bench.add(job()).await;
    let since = bench.job(first).await.run_at;
    let (waited, now) = oldest().await;
    let waited = waited.expect("two are available");
    assert!(waited >= Duration::from_millis(50), "{waited:?}");
    assert_eq!(Ok(waited), (now - since).to_std());
    bench.claim(&super::bench::claim(5, LONG)).await;
    assert_eq!(oldest().await.0, None);
}
