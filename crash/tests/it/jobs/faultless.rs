//! J2: much work, and no fault.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use atlas_jobs::State;
use crash::jobs::{PLACES, Work};

use super::case::{Case, on_every_store, soaks};

/// How many processes there are, each with 16 places.
const PROCESSES: usize = 4;

/// How many jobs. A file has one writer at a time.
fn jobs(case: &Case) -> usize {
    match (case.store.name(), soaks()) {
        ("sqlite", false) => 2_000,
        ("sqlite", true) => 20_000,
        (_, false) => 3_000,
        (_, true) => 100_000,
    }
}

on_every_store! {
    once
    /// Each job runs once, and every process has a share in it.
    async fn each_of_many_jobs_runs_once(case: Case) {
        let jobs = jobs(case);
        case.enqueue(vec![Work::default(); jobs]).await;
        let began = Instant::now();
        let workers: Vec<_> = (0..PROCESSES).map(|_| case.service([(PLACES, "16")])).collect();
        let verdict = case.verdict_within(Duration::from_secs(1800), jobs).await;
        let took = began.elapsed();
        println!("{}: {jobs} jobs in {took:.1?}, {:.0}/s", case.store.name(), jobs as f64 / took.as_secs_f64());
        let mut starts: HashMap<&str, usize> = HashMap::new();
        for line in verdict.lines.iter().filter(|it| it.what == "start") {
            *starts.entry(&line.item).or_default() += 1;
        }
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt, job.crashes, job.fence), (State::Completed, 1, 0, 1), "{job:?}");
            assert_eq!((starts[&*job.id.to_string()], verdict.effects_of(job)), (1, 1), "{job:?}");
        }
        for worker in &workers {
            assert!(verdict.lines.iter().any(|it| it.pid == worker.id()), "{worker:?} had nothing to do");
        }
    }
}
