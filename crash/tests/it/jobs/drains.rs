//! D2, D3: workers that are told to end while they work.

use std::time::Duration;

use atlas_jobs::{
    State,
    store::{Filter, Page},
};
use crash::{jobs::Work, now};
use tokio::task::block_in_place;

use super::case::{PATIENCE, on_every_store};

/// How many jobs a worker runs at a time.
const PLACES: usize = 4;

on_every_store! {
    once
    /// D2: jobs that are shorter than the grace end, none begins any more, and others take what is left.
    async fn what_runs_ends_and_nothing_more_begins(case: Case) {
        const JOBS: usize = 24;
        case.enqueue(vec![Work { millis: 300, ..Work::default() }; JOBS]).await;
        let mut worker = case.worker();
        case.written("start", PLACES + 1).await;
        let told = now();
        worker.terminate();
        let ended = block_in_place(|| worker.wait(PATIENCE)).unwrap();
        assert!(ended.status.success(), "{:?}\n{}", ended.status, case.logs());
        let lines = case.lines();
        let of = |what: &str| lines.iter().filter(|it| it.what == what).count();
        assert_eq!((of("start"), of("told")), (of("end"), 0), "all that began has ended");
        let late = lines.iter().filter(|it| it.what == "start" && it.at > told + 100_000);
        assert_eq!(late.count(), 0, "begun after the signal: {lines:#?}");
        assert!(of("end") < JOBS, "there is something left for others");
        let _other = case.worker();
        let verdict = case.verdict(JOBS).await;
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt, job.crashes), (State::Completed, 1, 0), "{job:?}");
        }
    }
}

on_every_store! {
    once
    /// D3: jobs that are longer than the grace are told, and are there for others when the worker has ended, without an
    /// attempt or a crash.
    async fn what_outlasts_the_grace_is_told_and_handed_back(case: Case) {
        case.enqueue(vec![Work { millis: 600_000, ..Work::default() }; PLACES]).await;
        let mut worker = case.worker();
        case.written("start", PLACES).await;
        worker.terminate();
        let ended = block_in_place(|| worker.wait(PATIENCE)).unwrap();
        assert!(ended.status.success(), "{:?}\n{}", ended.status, case.logs());
        // the grace of two seconds, and one more
        assert!(ended.took < Duration::from_secs(3), "{:?}", ended.took);
        let told = case.lines().iter().filter(|it| it.what == "told").count();
        assert_eq!(told, PLACES);
        let page = Page { after: None, limit: 100 };
        let jobs = case.store.list(&Filter::default(), page).await.unwrap();
        assert_eq!(jobs.len(), PLACES);
        for job in jobs {
            assert_eq!((job.state, job.attempt, job.crashes), (State::Available, 0, 0), "{job:?}");
        }
    }
}
