//! Running the start hooks, those that do not depend on each other at the same time.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{sleep_until, timeout},
};

use super::{
    Cause, Core, Plan, StopFailure,
    build::{Allowed, Built},
    reason::Reason,
    report::Recorder,
    start_error::What,
};

/// How long hooks that were given up on may take to be gone.
const GIVING_UP: Duration = Duration::from_secs(1);

/// Starts what was built along the graph. On failure no hook runs any more, and what has started is still to be
/// unwound.
pub(super) async fn start_hooks(
    plan: &Plan,
    built: &Built,
    core: &Arc<Core>,
    allowed: Allowed,
    recorder: &Arc<Recorder>,
) -> Result<(), GivenUp> {
    let mut flow = Flow::forward(plan);
    let mut running: JoinSet<(usize, Result<(), StopFailure>)> = JoinSet::new();
    let mut names: Vec<(usize, Arc<str>)> = Vec::new();
    loop {
        while let Some(node) = flow.ready.pop_front() {
            match &built.units[node] {
                Some(unit) if !unit.has_begun_nothing() => {
                    names.push((node, Arc::clone(unit.owner())));
                    let (unit, core, recorder) =
                        (Arc::clone(unit), Arc::clone(core), Arc::clone(recorder));
                    running.spawn(async move { (node, unit.walk(&core, &recorder).await) });
                }
                unit => {
                    if let Some(unit) = unit {
                        unit.close();
                    }
                    flow.done(node);
                }
            }
        }
        let what = tokio::select! {
            biased;
            cause = core.ended() => interrupted(cause),
            joined = running.join_next() => match joined {
                None => return Ok(()),
                Some(Ok((node, Ok(())))) => {
                    names.retain(|(other, _)| *other != node);
                    flow.done(node);
                    continue;
                }
                Some(Ok((node, Err(StopFailure { name, reason })))) => {
                    What::Hook { name, place: plan.place(node), path: plan.path(node), reason }
                }
                // Panics are caught inside, and nothing else aborts a hook.
                Some(Err(_)) => continue,
            },
            () = sleep_until(allowed.deadline) => {
                What::Overtime { limit: allowed.whole, running: names.into_iter().map(|(_, name)| name).collect() }
            }
        };
        // A hook that blocks its thread cannot be taken away; it is not waited for for ever.
        let blocked = timeout(GIVING_UP, running.shutdown()).await.is_err();
        return Err(GivenUp { what, blocked });
    }
}

/// A start that was given up.
pub(super) struct GivenUp {
    pub(super) what: What,
    /// Whether a hook blocks its thread, so that it still runs.
    pub(super) blocked: bool,
}

impl From<What> for GivenUp {
    fn from(what: What) -> Self {
        Self {
            what,
            blocked: false,
        }
    }
}

fn interrupted(cause: Cause) -> What {
    match cause {
        Cause::TaskEnded { task, error } => What::Task {
            name: task,
            reason: error.map_or(Reason::EndedEarly, Reason::Shared),
        },
        cause => What::Interrupted(cause),
    }
}

/// Walks the graph so that a node is ready once all before it are done.
pub(super) struct Flow {
    pub(super) ready: VecDeque<usize>,
    before: Vec<usize>,
    after: Vec<Vec<usize>>,
}

impl Flow {
    /// A node comes after all that it needs.
    pub(super) fn forward(plan: &Plan) -> Self {
        Self::new(plan, false)
    }

    /// A node comes after all that need it.
    pub(super) fn backward(plan: &Plan) -> Self {
        Self::new(plan, true)
    }

    fn new(plan: &Plan, reverse: bool) -> Self {
        let count = plan.wiring.sources.len();
        let mut flow = Self {
            ready: VecDeque::new(),
            before: vec![0; count],
            after: vec![Vec::new(); count],
        };
        for &node in &plan.order.nodes {
            for needed in plan.wiring.needs(node) {
                let (first, second) = if reverse {
                    (node, needed)
                } else {
                    (needed, node)
                };
                flow.after[first].push(second);
                flow.before[second] += 1;
            }
        }
        let free = |node: &&usize| flow.before[**node] == 0;
        let nodes = &plan.order.nodes;
        flow.ready = if reverse {
            nodes.iter().rev().filter(free).copied().collect()
        } else {
            nodes.iter().filter(free).copied().collect()
        };
        flow
    }

    pub(super) fn done(&mut self, node: usize) {
        for after in std::mem::take(&mut self.after[node]) {
            self.before[after] -= 1;
            if self.before[after] == 0 {
                self.ready.push_back(after);
            }
        }
    }
}
