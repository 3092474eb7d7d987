//! Running the constructors.

use std::{
    panic::Location,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use tokio::time::timeout_at;

use super::{
    Cause, Core, Desk, StepKind,
    catch::{catch, catch_future},
    reason::Reason,
    report::Recorder,
    start_error::What,
    unit::Unit,
};
use crate::{
    graph::{Order, Wiring},
    inject::{Build, Inputs, Key, Node, Settled, Values},
};

/// What to build, in which order, from what.
pub(crate) struct Plan {
    pub(crate) wiring: Wiring,
    pub(crate) order: Order,
    titles: Vec<Title>,
}

/// The constructors, each to be run once. They can be sent but not shared, so they stand apart from the plan.
pub(crate) type Builds = Vec<Option<Build>>;

/// How messages speak of a node.
struct Title {
    label: Arc<str>,
    at: &'static Location<'static>,
    gives: Option<Key>,
}

impl Plan {
    pub(crate) fn new(nodes: Vec<Node>, wiring: Wiring, order: Order) -> (Self, Builds) {
        let mut titles = Vec::with_capacity(nodes.len());
        let mut builds = Vec::with_capacity(nodes.len());
        for node in nodes {
            titles.push(Title {
                label: Arc::from(node.label()),
                at: node.at,
                gives: node.gives,
            });
            builds.push(node.build);
        }
        (
            Self {
                wiring,
                order,
                titles,
            },
            builds,
        )
    }

    pub(super) fn place(&self, node: usize) -> String {
        self.titles[node].at.to_string()
    }

    pub(super) fn path(&self, node: usize) -> Vec<Arc<str>> {
        self.order
            .path(node)
            .into_iter()
            .map(|node| Arc::clone(&self.titles[node].label))
            .collect()
    }
}

/// The time a start may take.
#[derive(Clone, Copy)]
pub(crate) struct Allowed {
    pub(crate) deadline: tokio::time::Instant,
    pub(crate) whole: Duration,
}

impl Allowed {
    pub(crate) fn from_now(whole: Duration) -> Self {
        Self {
            deadline: tokio::time::Instant::now() + whole,
            whole,
        }
    }
}

/// What was built so far.
pub(crate) struct Built {
    pub(crate) values: Values,
    pub(super) units: Vec<Option<Arc<Unit>>>,
}

impl Built {
    pub(crate) fn new(plan: &Plan) -> Self {
        let count = plan.titles.len();
        Self {
            values: (0..count).map(|_| None).collect(),
            units: vec![None; count],
        }
    }
}

/// Runs the constructors one after the other, each after all that it needs. What was built before a failure stays in
/// `built`, to be unwound.
pub(crate) async fn construct(
    plan: &Plan,
    mut builds: Builds,
    built: &mut Built,
    core: &Arc<Core>,
    allowed: Allowed,
    recorder: &Recorder,
) -> Result<(), What> {
    let (shutdown, phases) = (core.shutdown(), core.phases());
    for at in 0..plan.order.nodes.len() {
        let node = plan.order.nodes[at];
        let build = builds[node].take().expect("each node is built once");
        let began = Instant::now();
        let settled = {
            let inputs = Inputs {
                sources: &plan.wiring.sources[node],
                values: &built.values,
                owner: &plan.titles[node].label,
                shutdown: &shutdown,
                phases: &phases,
                desk: OnceLock::new(),
            };
            let settled = catch(|| build(&inputs));
            built.units[node] = inputs
                .desk
                .into_inner()
                .map(|desk: Arc<Desk>| Arc::new(Unit::new(desk)));
            settled
        };
        let result = match settled {
            Err(panic) => Err(Reason::Panicked(panic)),
            Ok(settled) => match finish(settled, core, allowed).await {
                Ok(result) => result,
                Err(cause) => return Err(What::Interrupted(cause)),
            },
        };
        match result {
            Ok(value) => built.values[node] = value,
            Err(reason) => {
                let title = &plan.titles[node];
                let component = title.gives.map(|key| key.to_string());
                let (label, place, path) =
                    (Arc::clone(&title.label), plan.place(node), plan.path(node));
                return Err(What::Constructor {
                    component,
                    label,
                    place,
                    path,
                    reason,
                });
            }
        }
        recorder.record(
            StepKind::Constructor,
            Arc::clone(&plan.titles[node].label),
            began,
        );
    }
    match core.cause() {
        Some(cause) => Err(What::Interrupted(cause)),
        None => Ok(()),
    }
}

type Value = Option<Box<dyn std::any::Any + Send + Sync>>;

/// Awaits what a constructor returned, unless the app is to end before.
async fn finish(
    settled: Settled,
    core: &Core,
    allowed: Allowed,
) -> Result<Result<Value, Reason>, Cause> {
    let settled = match settled.now() {
        Ok(result) => return Ok(result.map_err(Reason::Failed)),
        Err(settled) => settled,
    };
    tokio::select! {
        biased;
        cause = core.ended() => Err(cause),
        done = timeout_at(allowed.deadline, catch_future(settled.finish())) => Ok(match done {
            Err(_) => Err(Reason::Overtime(allowed.whole)),
            Ok(Err(panic)) => Err(Reason::Panicked(panic)),
            Ok(Ok(result)) => result.map_err(Reason::Failed),
        }),
    }
}
