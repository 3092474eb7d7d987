//! What is counted while jobs run.

use std::sync::Arc;

use atlas_jobs::{Handler, Outcome, Run, State};
use atlas_telemetry::{Metrics, names::jobs};

use super::{Task, World, config, task, until};

#[tokio::test]
async fn runs_are_counted_by_what_came_of_them() {
    let world = World::new(config());
    let worker = world.work(Handler::of(|job: Run<Task>| async move {
        match (job.number, job.attempt()) {
            (1, 1) => panic!("once"),
            (2, _) => Outcome::fail(std::io::Error::other("no")),
            _ => Outcome::Done,
        }
    }));
    let (again, dead) = (world.add(task(1)).await, world.add(task(2)).await);
    world.reaches(again, State::Completed).await;
    world.reaches(dead, State::Dead).await;
    let scrape = || Metrics::new(vec![Arc::new(world.metrics.clone())]).prometheus();
    let of = r#"queue="default",kind="task""#;
    let lines = [
        format!("atlas_jobs_finished_total{{{of},outcome=\"done\"}} 1"),
        format!("atlas_jobs_finished_total{{{of},outcome=\"retry\"}} 1"),
        format!("atlas_jobs_finished_total{{{of},outcome=\"dead\"}} 1"),
        format!("atlas_jobs_failures_total{{{of},failure=\"panic\"}} 1"),
        format!("atlas_jobs_failures_total{{{of},failure=\"error\"}} 1"),
        format!("atlas_jobs_dead_total{{{of},reason=\"failed\"}} 1"),
        format!("atlas_jobs_wait_seconds_count{{{of}}} 3"),
        format!("atlas_jobs_run_seconds_count{{{of}}} 3"),
        format!("atlas_jobs_enqueued_total{{{of},outcome=\"added\"}} 2"),
        format!("atlas_jobs_dead_total{{{of},reason=\"crash_loop\"}} 0"),
        "atlas_jobs_busy 0".to_owned(),
        "atlas_jobs_stale_completions_total 0".to_owned(),
    ];
    for line in &lines {
        until(|| async { scrape().lines().any(|it| it == line) }).await;
    }
    worker.stop().await;
    let text = scrape();
    for metric in jobs::METRICS {
        let help = format!("# HELP {} {}", metric.exposed(), metric.help);
        assert!(text.contains(&help), "{help}\n{text}");
    }
}

#[tokio::test]
async fn what_may_happen_is_counted_from_zero_before_it_does() {
    let world = World::new(config());
    let worker = world.work(Handler::of(|_: Run<Task>| async {}));
    let dead = r#"atlas_jobs_dead_total{queue="default",kind="task",reason="exhausted"} 0"#;
    let scrape = || Metrics::new(vec![Arc::new(world.metrics.clone())]).prometheus();
    until(|| async { scrape().lines().any(|it| it == dead) }).await;
    worker.stop().await;
}
