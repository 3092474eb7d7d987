//! J26, J29: what operators say reaches every process.

use std::time::Duration;

use atlas_jobs::{
    State,
    store::{By, Filter, Page},
};
use crash::{jobs::Work, now};

use super::case::on_every_store;

const SECOND: u64 = 1_000_000;

on_every_store! {
    /// J26: a running job that is called off is told within a second, and is cancelled.
    async fn a_running_job_that_is_called_off_is_told_within_a_second(case: Case) {
        case.enqueue(vec![Work { millis: 600_000, ..Work::default() }]).await;
        let _worker = case.worker();
        case.written("start", 1).await;
        tokio::time::sleep(Duration::from_millis(case.below(1000))).await;
        let page = Page { after: None, limit: 1 };
        let job = case.store.list(&Filter::default(), page).await.unwrap().remove(0);
        let said = now();
        assert_eq!(case.store.cancel(job.id, &By::new("case")).await.unwrap(), State::Running);
        let verdict = case.verdict(1).await;
        assert_eq!(verdict.jobs[0].state, State::Cancelled);
        let told = verdict.lines.iter().find(|it| it.what == "told").unwrap();
        assert!(told.at - said <= SECOND, "after {} ms", (told.at - said) / 1000);
    }
}

on_every_store! {
    once
    /// J29: nothing of a queue that is paused begins two seconds later, in no process, and nothing of it is lost.
    async fn a_queue_that_is_paused_rests_in_every_process(case: Case) {
        const JOBS: usize = 300;
        case.enqueue(vec![Work { millis: 100, ..Work::default() }; JOBS]).await;
        let _workers = [case.worker(), case.worker()];
        case.written("start", 20).await;
        case.store.pause("default", &By::new("case")).await.unwrap();
        let paused = now();
        tokio::time::sleep(Duration::from_secs(4)).await;
        let resumed = now();
        case.store.resume("default", &By::new("case")).await.unwrap();
        let verdict = case.verdict(JOBS).await;
        let starts = verdict.lines.iter().filter(|it| it.what == "start");
        let late = starts.filter(|it| it.at > paused + 2 * SECOND && it.at < resumed);
        assert_eq!(late.count(), 0);
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt), (State::Completed, 1), "{job:?}");
        }
    }
}
