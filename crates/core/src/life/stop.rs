//! Stopping along the graph in reverse, within one budget.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{
    Core, Phase, Plan, StopFailure, build::Built, reason::Reason, start::Flow, unit::Budget,
};

/// What is left for the hooks' own deadlines to be noticed, after the budget is spent.
const GRACE: Duration = Duration::from_millis(250);

/// What stopping came to.
#[derive(Default)]
pub(super) struct Stopped {
    /// The constructors whose hooks or tasks were stopped, in that order.
    pub(super) names: Vec<Arc<str>>,
    pub(super) failures: Vec<StopFailure>,
    /// Whether a hook blocks its thread, so that it could not even be given up.
    pub(super) blocked: bool,
}

/// Unwinds all that has started; whatever fails or hangs, the rest still stops, until the budget is spent.
pub(super) async fn stop_hooks(
    plan: &Plan,
    built: &Built,
    core: &Core,
    whole: Duration,
) -> Stopped {
    core.enter(Phase::Stopping);
    let budget = Budget {
        deadline: Instant::now() + whole,
        whole,
    };
    let mut flow = Flow::backward(plan);
    let mut running = JoinSet::new();
    let mut names: Vec<(usize, Arc<str>)> = Vec::new();
    let mut stopped = Stopped::default();
    loop {
        while let Some(node) = flow.ready.pop_front() {
            match &built.units[node] {
                Some(unit) if !unit.has_begun_nothing() => {
                    names.push((node, Arc::clone(unit.owner())));
                    let unit = Arc::clone(unit);
                    running.spawn(async move { (node, unit.unwind(budget).await) });
                }
                _ => flow.done(node),
            }
        }
        tokio::select! {
            biased;
            joined = running.join_next() => match joined {
                None => break,
                Some(Ok((node, (failures, any)))) => {
                    if let Some(at) = names.iter().position(|(other, _)| *other == node) {
                        let (_, name) = names.remove(at);
                        if any {
                            stopped.names.push(name);
                        }
                    }
                    stopped.failures.extend(failures);
                    flow.done(node);
                }
                // Panics are caught inside, and nothing else aborts a hook.
                Some(Err(_)) => {}
            },
            // Only reached when hooks block their thread, so that their own deadlines go unnoticed.
            () = sleep_until(budget.deadline + GRACE) => {
                let blocked = names.drain(..).map(|(_, name)| StopFailure::new(name, Reason::CutOff(whole)));
                stopped.failures.extend(blocked);
                stopped.blocked = true;
                break;
            }
        }
    }
    core.enter(Phase::Stopped);
    stopped
}
