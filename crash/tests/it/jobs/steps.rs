//! J4: workers that die at each step of the way.

use atlas_jobs::{
    State,
    store::{By, Filter},
};
use crash::jobs::Work;

use super::case::{Case, PATIENCE, on_every_store};

/// A worker dies at this step of its only job; another one does it again. Returns how many effects that has.
async fn effects_after_death_at(case: &Case, step: &str, whole: bool) -> u32 {
    let job = Work {
        whole,
        ..Work::default()
    };
    case.enqueue(vec![job]).await;
    let mut first = case.worker_with(1000, Some((step, 1)));
    let ended = tokio::task::block_in_place(|| first.wait(PATIENCE));
    assert!(!ended.unwrap().status.success(), "it did not die at {step}");
    let _second = case.worker();
    let verdict = case.verdict(1).await;
    let job = &verdict.jobs[0];
    assert_eq!(
        (job.state, job.attempt),
        (State::Completed, 1),
        "{step}: {job:?}"
    );
    let (all, by) = (Filter::default(), By::new("case"));
    assert_eq!(case.store.discard(&all, 1, &by).await.unwrap(), 1);
    verdict.effects_of(job)
}

on_every_store! {
    once
    /// An effect beside its job is there twice if the worker dies between the two, and nowhere else.
    async fn an_effect_is_repeated_only_between_it_and_its_completion(case: Case) {
        for (step, effects) in [
            ("claim.after", 1),
            ("effect.before", 1),
            ("effect.after", 2),
            ("finish.before", 2),
            ("finish.after", 1),
        ] {
            assert_eq!(effects_after_death_at(case, step, false).await, effects, "{step}");
        }
    }
}

on_every_store! {
    once in a database
    /// An effect in the transaction of its completion is there once, wherever the worker dies.
    async fn a_completion_with_its_effect_is_whole_at_every_step(case: Case) {
        for step in ["claim.after", "effect.before", "effect.after", "finish.before", "finish.after"] {
            assert_eq!(effects_after_death_at(case, step, true).await, 1, "{step}");
        }
    }
}
