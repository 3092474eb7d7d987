//! J22: a limit that holds over all processes, also when some of them are killed.

use std::{collections::HashMap, time::Duration};

use atlas_jobs::State;
use crash::{Line, jobs::Work, now};

use super::case::on_every_store;

const JOBS: usize = 30;
const AT_ONCE: u32 = 3;

/// The most runs that went on at a time. One that was cut short went on until its process was dead.
fn most_at_once(lines: &[Line], deaths: &HashMap<u32, u64>) -> i32 {
    let mut changes = Vec::new();
    for start in lines.iter().filter(|it| it.what == "start") {
        let is_end = |it: &&Line| {
            it.what != "start"
                && (it.pid, &it.item, it.fence) == (start.pid, &start.item, start.fence)
        };
        let end = lines.iter().find(is_end).map(|it| it.at);
        changes.push((start.at, 1));
        changes.push((end.unwrap_or_else(|| deaths[&start.pid]), -1));
    }
    // of an end and a start at the same time, the end comes first
    changes.sort_unstable();
    let mut running = 0;
    let at_once = changes.iter().map(|(_, change)| {
        running += change;
        running
    });
    at_once.max().unwrap_or(0)
}

on_every_store! {
    /// Never more than three run over six processes, and the places of those that were killed come back.
    async fn a_limit_holds_over_processes_that_are_killed(case: Case) {
        let job = Work { millis: 200, at_once: AT_ONCE, ..Work::default() };
        case.enqueue(vec![job; JOBS]).await;
        let mut workers: Vec<_> = (0..6).map(|_| case.worker()).collect();
        let mut deaths = HashMap::new();
        for round in 1..=3 {
            case.written("end", round * 3).await;
            tokio::time::sleep(Duration::from_millis(case.below(200))).await;
            let victim = usize::try_from(case.below(6)).unwrap();
            let pid = workers[victim].id();
            workers[victim].kill();
            deaths.insert(pid, now());
            workers[victim] = case.worker();
        }
        let verdict = case.verdict(JOBS).await;
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt), (State::Completed, 1), "{job:?}");
        }
        let most = most_at_once(&verdict.lines, &deaths);
        assert!(most <= i32::try_from(AT_ONCE).unwrap(), "{most} ran at a time");
        assert!(most > 1, "more than one may run");
    }
}
