//! The graph as a picture: Mermaid, DOT and JSON.

use super::{Order, Wiring, flaw::Flaw};
use crate::inject::{Key, Need, Node, Role, Source};

/// The graph of an app, sound or not: problem nodes carry the code of their problem.
#[derive(Clone, Debug)]
pub struct Graph {
    pub(super) app: &'static str,
    pub(super) nodes: Vec<Drawn>,
    pub(super) edges: Vec<Edge>,
}

#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) kind: &'static str,
    pub(super) label: String,
    pub(super) function: String,
    pub(super) module: String,
    pub(super) place: String,
    pub(super) used: bool,
    pub(super) problem: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: &'static str,
}

impl Graph {
    pub(crate) fn new(
        app: &'static str,
        nodes: &[Node],
        wiring: &Wiring,
        order: &Order,
        flaws: &[Flaw],
    ) -> Self {
        let mut graph = Self {
            app,
            nodes: Vec::new(),
            edges: Vec::new(),
        };
        let used = order.marks();
        let mut places = vec![None; nodes.len()];
        for (index, node) in nodes
            .iter()
            .enumerate()
            .filter(|(index, node)| wiring.active[*index] || is_root(node))
        {
            places[index] = Some(graph.nodes.len());
            let problem = flaws
                .iter()
                .find(|flaw| flaw.nodes().contains(&index))
                .map(Flaw::code);
            graph.nodes.push(Drawn::new(node, used[index], problem));
        }
        let mut missing: Vec<(Key, usize)> = Vec::new();
        for (index, sources) in wiring.sources.iter().enumerate() {
            let Some(from) = places[index] else { continue };
            for Source {
                need,
                nodes: targets,
            } in sources
            {
                for to in targets.iter().filter_map(|&target| places[target]) {
                    graph.edges.push(Edge {
                        from,
                        to,
                        kind: edge_kind(*need),
                    });
                }
                if let (true, Need::One(key)) = (targets.is_empty(), need) {
                    let known = missing
                        .iter()
                        .find(|(other, _)| other == key)
                        .map(|(_, at)| *at);
                    let to = known.unwrap_or_else(|| {
                        missing.push((*key, graph.nodes.len()));
                        graph.nodes.push(Drawn::missing(*key));
                        graph.nodes.len() - 1
                    });
                    graph.edges.push(Edge {
                        from,
                        to,
                        kind: edge_kind(*need),
                    });
                }
            }
        }
        graph.edges.dedup();
        graph
    }

    /// The nodes of each module, modules in the order they were first seen.
    pub(super) fn by_module(&self) -> Vec<(&str, Vec<usize>)> {
        let mut modules: Vec<(&str, Vec<usize>)> = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            match modules
                .iter_mut()
                .find(|(module, _)| *module == node.module)
            {
                Some((_, members)) => members.push(index),
                None => modules.push((&node.module, vec![index])),
            }
        }
        modules
    }
}

impl Drawn {
    fn new(node: &Node, used: bool, problem: Option<&'static str>) -> Self {
        let kind = match node.role {
            Role::Provide => "provide",
            Role::Supply => "supply",
            Role::Contribute => "contribute",
            Role::Decorate => "decorate",
            Role::Replace => "replace",
            Role::Invoke => "invoke",
            Role::Process(_) => "process",
            Role::Expose => "expose",
        };
        let function = node.label();
        let label = node
            .gives
            .map_or_else(|| function.clone(), |key| key.to_string());
        let (module, place) = (node.module.to_string(), node.at.to_string());
        Self {
            kind,
            label,
            function,
            module,
            place,
            used,
            problem,
        }
    }

    fn missing(key: Key) -> Self {
        let (function, module, place) = (String::new(), String::new(), String::new());
        Self {
            kind: "missing",
            label: key.to_string(),
            function,
            module,
            place,
            used: true,
            problem: Some("A001"),
        }
    }
}

fn is_root(node: &Node) -> bool {
    matches!(node.role, Role::Process(_) | Role::Invoke)
}

fn edge_kind(need: Need) -> &'static str {
    match need {
        Need::One(_) => "needs",
        Need::Maybe(_) => "optional",
        Need::All(_) => "collects",
    }
}
