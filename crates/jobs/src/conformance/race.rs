//! What happens when several do something to one job at the same moment.

use std::time::Duration;

use super::{
    Harness,
    bench::{Bench, LONG, by, claim, finish, job},
};
use crate::{
    Reason, State,
    store::{End, Verdict},
};

/// How often each race is run.
const ROUNDS: usize = 25;

/// What one of the racers did.
#[derive(Debug, PartialEq, Eq)]
enum Did {
    Ended(&'static str, Verdict),
    Rescued(usize),
    CalledOff(State),
}

/// Of all who end a run, one succeeds: workers, those who rescue, and those who call it off at the same time.
pub async fn one_of_all_who_end_a_run_succeeds(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for round in 0..ROUNDS {
        let id = bench.add(job()).await;
        let run = bench.take_one(Duration::from_millis(1)).await;
        bench.pass(Duration::from_millis(5)).await;
        let did = bench
            .race(6, |racer, store| {
                let run = run.clone();
                async move {
                    let (name, end) = match racer {
                        0 => ("done", End::Done),
                        1 => ("dead", End::Dead(Reason::Failed)),
                        2 => ("retry", End::Retry(LONG)),
                        3 | 4 => {
                            let rescued = store.rescue(100, 10).await.expect("an answer");
                            return Did::Rescued(rescued.len());
                        }
                        _ => {
                            let was = store.cancel(run.id, &by()).await;
                            return Did::CalledOff(was.expect("an answer"));
                        }
                    };
                    let verdicts = store.finish(&[finish(&run, end)]).await;
                    Did::Ended(name, verdicts.expect("an answer")[0])
                }
            })
            .await;
        let mut winners: Vec<&str> = Vec::new();
        for did in &did {
            match did {
                Did::Ended(name, Verdict::Applied) => winners.push(name),
                Did::Rescued(count) => winners.extend(vec!["rescued"; *count]),
                Did::Ended(..) | Did::CalledOff(_) => {}
            }
        }
        assert_eq!(winners.len(), 1, "round {round}: {did:?}");
        let called_off = |was: State| did.contains(&Did::CalledOff(was));
        let kept = bench.job(id).await;
        // a job that could wait again is called off by then, before or after its run ended
        let allowed: &[State] = match winners[0] {
            "done" => &[State::Completed],
            "dead" => &[State::Dead],
            _ => &[State::Cancelled],
        };
        assert!(
            allowed.contains(&kept.state),
            "round {round}: {} of {did:?}",
            kept.state
        );
        if called_off(State::Completed) || called_off(State::Dead) {
            assert!(!kept.cancel_requested, "round {round}: {did:?}");
        }
        assert!(kept.finished_at.is_some() && kept.lease_until.is_none());
        assert!(bench.take(1).await.is_empty(), "round {round}: it is over");
    }
}

/// A job that is called off while a worker claims it is either cancelled and not run, or run and told.
pub async fn a_job_is_called_off_or_claimed(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for round in 0..ROUNDS {
        let id = bench.add(job()).await;
        let did = bench
            .race(2, |racer, store| async move {
                if racer == 0 {
                    let claimed = store.claim(&claim(1, LONG)).await;
                    return (None, claimed.expect("an answer").jobs.pop());
                }
                let was = store.cancel(id, &by()).await.expect("an answer");
                (Some(was), None)
            })
            .await;
        let kept = bench.job(id).await;
        let fits = match (&did[1].0, &did[0].1) {
            (Some(State::Available), None) => kept.state == State::Cancelled,
            (Some(State::Running), Some(run)) => {
                let told = kept.state == State::Running && kept.cancel_requested;
                bench.end(run, End::Done).await;
                told
            }
            _ => false,
        };
        assert!(fits, "round {round}: {did:?}, and then {kept:?}");
    }
}

/// A dead job that several bring back at a time runs once more.
pub async fn a_job_that_several_bring_back_runs_once(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for round in 0..ROUNDS {
        let id = bench.in_state(State::Dead).await;
        let was = bench
            .race(4, |_, store| async move {
                let was = store.retry(id, &by()).await;
                was.expect("an answer")
            })
            .await;
        let brought = was.iter().filter(|state| **state == State::Dead).count();
        assert_eq!(brought, 1, "round {round}: {was:?}");
        let run = bench.take_one(LONG).await;
        assert_eq!((run.id, run.attempt), (id, 1));
        bench.end(&run, End::Done).await;
    }
}

/// A job that is dropped while somebody brings it back is there or gone, and nothing in between.
pub async fn a_job_is_dropped_or_brought_back(harness: &dyn Harness) {
    let Some(bench) = Bench::open(harness).await else {
        return;
    };
    for round in 0..ROUNDS {
        let id = bench.in_state(State::Dead).await;
        let did = bench
            .race(2, |racer, store| async move {
                if racer == 0 {
                    let only = super::bench::only(id);
                    let dropped = store.discard(&only, 1, &by()).await;
                    return dropped.expect("an answer") == 1;
                }
                store.retry(id, &by()).await.is_ok()
            })
            .await;
        let there = bench.store.find(id).await.expect("an answer");
        match there {
            Some(job) => {
                assert_eq!((did[0], did[1]), (false, true), "round {round}");
                assert_eq!(job.state, State::Available);
                let run = bench.take_one(LONG).await;
                bench.end(&run, End::Done).await;
            }
            None => assert_eq!((did[0], did[1]), (true, false), "round {round}"),
        }
    }
}
