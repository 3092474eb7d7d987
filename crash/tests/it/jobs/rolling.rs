//! J31: one version of a program takes the place of another one, process by process, while work goes on.

use std::{collections::HashSet, sync::Arc, time::Duration};

use atlas_jobs::State;
use crash::{
    Process,
    jobs::{Letter, NewLetter, Parcel, Person, Version},
};
use tokio::task::block_in_place;

use super::{
    case::{Case, PATIENCE, on_every_store},
    load::Load,
};

/// Waits until a process has begun a job.
async fn has_begun(case: &Case, process: &Process) {
    let pid = process.id();
    let said = format!("process {pid} has begun a job");
    let lines = async || case.lines().iter().any(|it| it.pid == pid);
    case.eventually(&said, lines).await;
}

on_every_store! {
    /// While the old version works and enqueues, the schema is migrated, the new version comes, and the old one goes, process
    /// by process: no job is lost, fails or cannot be read, and what is of the new version is run by the new one alone.
    async fn a_version_takes_the_place_of_another_one_under_load(case: Case) {
        let (store, letters) = (|| Arc::clone(&case.store), Letter { to: "anna".to_owned() });
        let mut old: Vec<_> = (0..3).map(|_| case.version(Version::First)).collect();
        let mut loads = vec![Load::start(store(), letters)];
        for worker in &old {
            has_begun(case, worker).await;
        }
        // two deploys at a time: one migrates, and the other one finds that done
        let migrations = Version::Second.migrations(case.db().clone()).unwrap();
        let (one, other) = tokio::join!(migrations.up(), migrations.up());
        assert_eq!(one.unwrap().len() + other.unwrap().len(), 1);
        let new_letter = NewLetter { to: Person { name: "bert".to_owned() } };
        let mut new = Vec::new();
        while !old.is_empty() {
            let worker = case.version(Version::Second);
            if new.is_empty() {
                loads.push(Load::start(store(), new_letter.clone()));
                loads.push(Load::start(store(), Parcel));
            }
            has_begun(case, &worker).await;
            new.push(worker);
            tokio::time::sleep(Duration::from_millis(case.below(300))).await;
            let victim = usize::try_from(case.below(old.len() as u64)).unwrap();
            let mut leaves = old.swap_remove(victim);
            leaves.terminate();
            let ended = block_in_place(|| leaves.wait(PATIENCE)).unwrap();
            assert!(ended.status.success(), "{:?}\n{}", ended.status, case.logs());
        }
        assert!(migrations.up().await.unwrap().is_empty(), "all is applied");
        let mut enqueued = 0;
        for load in loads {
            enqueued += load.end().await.0;
        }
        let verdict = case.verdict(enqueued).await;
        let pids: HashSet<u32> = new.iter().map(Process::id).collect();
        let mut upgraded = 0;
        for job in &verdict.jobs {
            assert_eq!((job.state, job.attempt, job.crashes), (State::Completed, 1, 0), "{job:?}");
            assert_eq!(verdict.effects_of(job), 1, "{job:?}");
            let id = job.id.to_string();
            let start = verdict.lines.iter().find(|it| it.item == id).unwrap();
            let by_new = pids.contains(&start.pid);
            assert!(by_new || job.kind == "letter", "the old version ran {job:?}");
            upgraded += usize::from(by_new && job.kind == "letter");
        }
        assert!(upgraded > 0, "the new version runs what is of the old one, too");
        assert!(verdict.jobs.iter().any(|it| it.kind == "letter@2"));
    }
}
