//! J24: jobs that wait for their time.

use std::{collections::HashMap, sync::Arc, time::Duration};

use atlas_jobs::State;
use crash::jobs::{Work, client};

use super::case::on_every_store;

/// How many jobs, over how many seconds, in CI and in a soak.
const FEW: [(usize, u64); 2] = [(300, 6), (10_000, 60)];

on_every_store! {
    once
    /// None begins before its time, and all but a hundredth begin within a second of it.
    async fn delayed_jobs_begin_at_their_time(case: Case) {
        let (jobs, seconds) = FEW[usize::from(std::env::var_os("CRASH_SOAK").is_some())];
        let _workers = [case.worker(), case.worker()];
        let client = client(Arc::clone(&case.store));
        for _ in 0..jobs {
            let wait = Duration::from_millis(1000 + case.below(seconds * 1000));
            client.enqueue(Work::default()).after(wait).await.unwrap();
        }
        let verdict = case.verdict(jobs).await;
        let starts: HashMap<_, _> = verdict
            .lines
            .iter()
            .filter(|it| it.what == "start")
            .map(|it| (it.item.clone(), i64::try_from(it.at / 1000).unwrap()))
            .collect();
        let mut late = Vec::new();
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt), (State::Completed, 1), "{job:?}");
            late.push(starts[&job.id.to_string()] - job.run_at.timestamp_millis());
        }
        late.sort_unstable();
        assert!(late[0] >= 0, "{} ms early", -late[0]);
        let most = late[late.len() * 99 / 100];
        assert!(most <= 1000, "99 of 100 are at most {most} ms late");
    }
}
