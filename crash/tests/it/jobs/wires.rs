//! J12: wires that are slow, silent or torn.

use std::time::{Duration, Instant};

use atlas_jobs::State;
use crash::jobs::Work;
use tokio::time::sleep;

use super::{
    case::{LEASE, PATIENCE, on_every_store},
    load::Load,
};

on_every_store! {
    once on a server
    /// A wire that takes 200 ms there and back costs time and no job. A store that takes many round trips may lose a lease
    /// of three seconds by that, which is no attempt.
    async fn a_slow_wire_costs_time_and_no_job(case: Case) {
        let proxy = case.proxy().await;
        proxy.delay(Duration::from_millis(100));
        case.enqueue(vec![Work::default(); 4]).await;
        let _worker = case.worker_through(&proxy);
        let verdict = case.verdict(4).await;
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt), (State::Completed, 1), "{job:?}");
        }
    }
}

on_every_store! {
    on a server
    /// A wire that is silent for longer than the lease: the jobs are rescued once, and what the worker at its end still says
    /// changes nothing.
    async fn jobs_behind_a_silent_wire_are_rescued_once(case: Case) {
        const JOBS: usize = 4;
        let proxy = case.proxy().await;
        let is_database = case.is_database();
        let job = Work { millis: 2500, whole: is_database, ..Work::default() };
        case.enqueue(vec![job; JOBS]).await;
        let _away = case.worker_through(&proxy);
        case.written("start", JOBS).await;
        proxy.fall_silent();
        let _other = case.worker();
        // the other one has taken all of them over, which it may only when the leases had run out
        case.written("start", 2 * JOBS).await;
        sleep(LEASE / 3 + Duration::from_millis(case.below(500))).await;
        proxy.speak();
        let verdict = case.verdict(JOBS).await;
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt, job.crashes, job.fence), (State::Completed, 1, 1, 2), "{job:?}");
            if is_database {
                assert_eq!(verdict.effects_of(job), 1, "{job:?}");
            }
        }
    }
}

on_every_store! {
    on a server
    /// Answers that end in their middle, those to whoever enqueues too: no job is lost, and none runs twice at a time.
    async fn torn_answers_lose_no_job(case: Case) {
        let proxy = case.proxy().await;
        let _workers = [case.worker_through(&proxy), case.worker_through(&proxy)];
        let job = Work { millis: 20, ..Work::default() };
        let load = Load::start(case.store_through(&proxy), job);
        case.written("end", 10).await;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(3) || proxy.torn() <= 5 && began.elapsed() < PATIENCE {
            proxy.tear();
            sleep(Duration::from_millis(50 + case.below(200))).await;
        }
        assert!(proxy.torn() > 5, "only {} answers were torn", proxy.torn());
        let (acknowledged, _) = load.end().await;
        let verdict = case.verdict(acknowledged).await;
        for job in &verdict.jobs {
            assert_eq!(job.state, State::Completed, "{job:?}");
        }
    }
}
