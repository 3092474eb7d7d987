//! Workers that are killed at random.

use std::time::Duration;

use atlas_jobs::{Reason, State};
use crash::jobs::Work;

use super::case::on_every_store;

const JOBS: usize = 40;

/// Kills one of three workers again and again while they work, and starts another in its place.
async fn massacre(case: &super::case::Case, whole: bool) -> crash::jobs::Verdict {
    let job = Work {
        millis: 150,
        whole,
        ..Work::default()
    };
    case.enqueue(vec![job; JOBS]).await;
    let mut workers: Vec<_> = (0..3).map(|_| case.worker()).collect();
    for round in 1..=4 {
        // each worker has some in hand by then, and more are to come
        case.written("start", round * 5).await;
        tokio::time::sleep(Duration::from_millis(case.below(150))).await;
        let victim = usize::try_from(case.below(3)).unwrap();
        workers[victim].kill();
        workers[victim] = case.worker();
    }
    case.verdict(JOBS).await
}

on_every_store! {
    /// J3: all jobs are completed, no attempt was used up by a crash, and each run that was cut short is a crash.
    async fn a_killed_worker_costs_no_job_and_no_attempt(case: Case) {
        let verdict = massacre(case, false).await;
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt), (State::Completed, 1), "{job:?}");
        }
        let crashes: u32 = verdict.jobs.iter().map(|it| it.crashes).sum();
        // a job may be claimed and not begun when its worker dies
        assert!(crashes as usize >= verdict.cut_short(), "{crashes} {}", verdict.cut_short());
        assert!(crashes > 0, "nobody was hurt");
    }
}

on_every_store! {
    in a database
    /// J16: what completes together with its effect has it exactly once, whoever dies.
    async fn an_effect_in_the_transaction_of_its_completion_is_there_once(case: Case) {
        let verdict = massacre(case, true).await;
        for job in &verdict.jobs {
            assert_eq!((job.state, verdict.effects_of(job)), (State::Completed, 1), "{job:?}");
        }
    }
}

on_every_store! {
    once
    /// J5: a job that takes its process with it is dead after three, and the others are completed.
    async fn a_job_that_kills_its_workers_is_dead_after_three(case: Case) {
        let poison = Work { poison: true, ..Work::default() };
        case.enqueue(vec![poison]).await;
        case.enqueue(vec![Work::default(); 10]).await;
        let supervisor = async {
            loop {
                let mut worker = case.worker_with(3, None);
                while worker.is_running() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        };
        let verdict = tokio::select! {
            verdict = case.verdict(11) => verdict,
            () = supervisor => unreachable!("it goes on for ever"),
        };
        let (dead, completed): (Vec<_>, Vec<_>) =
            verdict.jobs.iter().partition(|it| it.state == State::Dead);
        assert_eq!((dead.len(), completed.len()), (1, 10));
        assert_eq!((dead[0].reason, dead[0].crashes), (Some(Reason::CrashLoop), 3));
        let failures = case.store.failures(dead[0].id).await.unwrap();
        assert_eq!(failures.len(), 3, "{failures:?}");
    }
}
