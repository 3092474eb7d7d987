//! D4, D5, D6: workers of a service, by what signals do to them.

use std::{
    collections::HashSet,
    os::unix::process::ExitStatusExt,
    time::{Duration, Instant},
};

use atlas_jobs::{
    JobId, State,
    store::{Claim, Filter, Page, Share},
};
use crash::{
    Process,
    jobs::{GRACE, PLACES, Work},
};
use rustix::process::Signal;
use tokio::task::block_in_place;

use super::case::{Case, LEASE, PATIENCE, on_every_store};

/// How many jobs each worker runs at a time.
const EACH: usize = 4;

/// A worker whose running jobs have a minute when it is told to end.
fn patient(case: &Case) -> Process {
    case.service([(GRACE, "60"), (PLACES, "4")])
}

on_every_store! {
    once
    /// D4: a worker that waits for its jobs to end keeps them for as long as that takes, though others look for jobs that
    /// nobody has.
    async fn a_drain_longer_than_a_lease_keeps_its_jobs(case: Case) {
        let millis = u64::try_from((LEASE * 3).as_millis()).unwrap();
        case.enqueue(vec![Work { millis, ..Work::default() }; EACH]).await;
        let mut worker = patient(case);
        case.written("start", EACH).await;
        let _other = patient(case);
        worker.terminate();
        let ended = block_in_place(|| worker.wait(PATIENCE)).unwrap();
        assert!(ended.status.success(), "{:?}\n{}", ended.status, case.logs());
        assert!(ended.took > LEASE * 2, "it was not there for longer than a lease: {:?}", ended.took);
        let verdict = case.verdict(EACH).await;
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt, job.crashes, job.fence), (State::Completed, 1, 0, 1), "{job:?}");
            assert_eq!(verdict.effects_of(job), 1, "{job:?}");
        }
    }
}

/// Sends a signal again and again until the process is gone, and says how that was: the code, or the signal that ended it.
fn insist(worker: &mut Process, signal: Signal) -> (Option<i32>, Option<i32>) {
    let began = Instant::now();
    loop {
        worker.signal(signal);
        if let Ok(ended) = worker.wait(Duration::from_millis(50)) {
            // of the minute that its jobs have, nothing to speak of has gone by
            assert!(
                began.elapsed() < Duration::from_secs(2),
                "{:?}",
                began.elapsed()
            );
            return (ended.status.code(), ended.status.signal());
        }
        assert!(began.elapsed() < PATIENCE, "{worker:?} does not end");
    }
}

on_every_store! {
    once
    /// D5: a worker that gets a second signal, or SIGQUIT, is gone at once. Its jobs stay with their leases until these have
    /// run out; then others run them, and nothing is there twice.
    async fn a_worker_that_is_told_twice_is_gone_and_others_take_its_jobs_over(case: Case) {
        let jobs = 3 * EACH;
        case.enqueue(vec![Work { millis: 5000, ..Work::default() }; jobs]).await;
        let mut workers = [patient(case), patient(case), patient(case)];
        case.written("start", jobs).await;
        let [first, second, third] = &mut workers;
        block_in_place(|| {
            assert_eq!(insist(first, Signal::TERM), (Some(143), None), "SIGTERM twice");
            assert_eq!(insist(second, Signal::INT), (Some(130), None), "SIGINT twice");
            let quit = Signal::QUIT.as_raw();
            assert_eq!(insist(third, Signal::QUIT), (None, Some(quit)), "SIGQUIT");
        });
        assert!(case.logs().contains("second signal (SIGTERM)"), "{}", case.logs());
        let page = Page { after: None, limit: 100 };
        for job in case.store.list(&Filter::default(), page).await.unwrap() {
            assert_eq!((job.state, job.attempt, job.fence), (State::Running, 1, 1), "{job:?}");
        }
        let _other = case.service([(PLACES, "12")]);
        let verdict = case.verdict(jobs).await;
        assert_eq!(verdict.cut_short(), jobs, "none had ended");
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt, job.crashes, job.fence), (State::Completed, 1, 1, 2), "{job:?}");
            assert_eq!(verdict.effects_of(job), 1, "{job:?}");
        }
    }
}

/// The jobs that a worker has taken.
async fn taken(case: &Case) -> HashSet<JobId> {
    let running = Filter {
        states: vec![State::Running],
        ..Filter::default()
    };
    let page = Page {
        after: None,
        limit: 5_000,
    };
    let jobs = case.store.list(&running, page).await.unwrap();
    jobs.into_iter().map(|it| it.id).collect()
}

/// Those of them that are under way.
fn begun(case: &Case) -> HashSet<String> {
    let lines = case.lines();
    let starts = lines.iter().filter(|it| it.what == "start");
    starts.map(|it| it.item.clone()).collect()
}

on_every_store! {
    once
    /// D6: what a worker has taken ahead is there for others within a second of the signal, and has used no attempt; what
    /// runs goes on.
    async fn what_was_taken_ahead_is_given_back_at_once(case: Case) {
        const FAST: usize = 400;
        // a worker takes ahead of its places while jobs end fast, and then come those that do not end
        case.enqueue(vec![Work::default(); FAST]).await;
        case.enqueue(vec![Work { millis: 600_000, ..Work::default() }; 200]).await;
        let worker = patient(case);
        case.written("start", FAST + EACH).await;
        let mut ahead = taken(case).await;
        let under_way = begun(case);
        ahead.retain(|it| !under_way.contains(&it.to_string()));
        assert!(!ahead.is_empty(), "nothing was taken ahead");
        let claim = Claim {
            worker: "another".to_owned(),
            kinds: vec!["work".to_owned()],
            queues: vec![Share { queue: "default".to_owned(), jobs: 300 }],
            total: 300,
            lease: LEASE * 100,
        };
        let told = Instant::now();
        worker.terminate();
        while !ahead.is_empty() && told.elapsed() < PATIENCE {
            for job in case.store.claim(&claim).await.unwrap().jobs {
                assert_eq!((job.attempt, job.crashes), (1, 0), "{job:?}");
                ahead.remove(&job.id);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let took = told.elapsed();
        assert!(ahead.is_empty() && took <= Duration::from_secs(1), "{} are left after {took:?}", ahead.len());
        assert_eq!(begun(case).len(), FAST + EACH, "none was begun after the signal");
    }
}
