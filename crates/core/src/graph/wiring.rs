//! Which node meets which need: overrides, decorators, groups and roots.

use std::collections::HashMap;

use super::flaw::Flaw;
use crate::inject::{Key, Need, Node, Role, Source};

/// The edges of the graph and what was wrong while they were drawn.
pub(crate) struct Wiring {
    /// What meets the needs of each node, in the order of its arguments.
    pub(crate) sources: Vec<Vec<Source>>,
    /// Whether a node counts: replaced ones do not, nor processes that were not selected.
    pub(crate) active: Vec<bool>,
    /// What others ask for without being asked.
    pub(crate) roots: Vec<usize>,
    /// Overrides and names that lead nowhere, and components that are there twice.
    pub(crate) flaws: Vec<Flaw>,
    chains: HashMap<Key, Vec<usize>>,
    groups: HashMap<Key, Vec<usize>>,
}

impl Wiring {
    /// The nodes a node needs, in the order of its arguments.
    pub(crate) fn needs(&self, node: usize) -> impl Iterator<Item = usize> {
        self.sources[node]
            .iter()
            .flat_map(|source| source.nodes.iter().copied())
    }

    /// What meets `need` for anyone outside the chain of decorators.
    pub(crate) fn meets(&self, need: Need) -> Vec<usize> {
        match need {
            Need::One(key) | Need::Maybe(key) => self
                .chains
                .get(&key)
                .and_then(|chain| chain.last().copied())
                .into_iter()
                .collect(),
            Need::All(key) => self.groups.get(&key).cloned().unwrap_or_default(),
        }
    }
}

/// All that was registered for one type.
#[derive(Default)]
struct Entry {
    providers: Vec<usize>,
    decorators: Vec<usize>,
    replacements: Vec<usize>,
    contributed: Vec<usize>,
}

/// Draws the edges. `only` selects processes by name; an empty selection leaves out invoked functions too.
pub(crate) fn wire(nodes: &[Node], only: Option<&[String]>) -> Wiring {
    let mut wiring = Wiring {
        sources: Vec::with_capacity(nodes.len()),
        active: vec![true; nodes.len()],
        roots: Vec::new(),
        flaws: Vec::new(),
        chains: HashMap::new(),
        groups: HashMap::new(),
    };
    for (key, entry) in entries(nodes) {
        chain(nodes, key, entry, &mut wiring);
    }
    for (index, node) in nodes.iter().enumerate() {
        let sources = node.needs.iter().map(|need| Source {
            need: *need,
            nodes: meet(&wiring, node, index, *need),
        });
        wiring.sources.push(sources.collect());
    }
    choose_roots(nodes, only, &mut wiring);
    wiring
}

/// What was registered for each type, the types in the order they were first seen.
fn entries(nodes: &[Node]) -> Vec<(Key, Entry)> {
    let mut found: Vec<(Key, Entry)> = Vec::new();
    let mut places: HashMap<Key, usize> = HashMap::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let Some(key) = node.gives else { continue };
        let place = *places.entry(key).or_insert_with(|| {
            found.push((key, Entry::default()));
            found.len() - 1
        });
        let entry = &mut found[place].1;
        match node.role {
            Role::Provide | Role::Supply => entry.providers.push(index),
            Role::Decorate => entry.decorators.push(index),
            Role::Replace => entry.replacements.push(index),
            Role::Contribute => entry.contributed.push(index),
            Role::Invoke | Role::Process(_) | Role::Expose => {}
        }
    }
    found
}

/// Decides who provides `key`: the last override, or the one provider, and the decorators around it.
fn chain(nodes: &[Node], key: Key, entry: Entry, wiring: &mut Wiring) {
    let Entry {
        providers,
        decorators,
        replacements,
        contributed,
    } = entry;
    for &node in &decorators {
        if !nodes[node].needs.contains(&Need::One(key)) {
            wiring.flaws.push(Flaw::IgnoresInner { node });
        }
    }
    if !contributed.is_empty() {
        wiring.groups.insert(key, contributed);
    }
    let Some(&first) = providers.first() else {
        wiring.flaws.extend(
            replacements
                .iter()
                .map(|&node| Flaw::NothingToReplace { node }),
        );
        wiring.flaws.extend(
            decorators
                .iter()
                .map(|&node| Flaw::NothingToDecorate { node }),
        );
        return;
    };
    if providers.len() > 1 {
        wiring.flaws.push(Flaw::Twice {
            nodes: providers.clone(),
        });
    }
    let top = replacements
        .iter()
        .map(|&node| nodes[node].layer)
        .max()
        .unwrap_or(0);
    let latest: Vec<usize> = replacements
        .iter()
        .copied()
        .filter(|&node| nodes[node].layer == top)
        .collect();
    if latest.len() > 1 {
        wiring.flaws.push(Flaw::ReplacedTwice {
            nodes: latest.clone(),
        });
    }
    let base = latest.last().copied();
    let mut chain = vec![base.unwrap_or(first)];
    for &node in &decorators {
        if base.is_none_or(|base| node > base) {
            chain.push(node);
        }
    }
    for &node in providers.iter().chain(&replacements).chain(&decorators) {
        wiring.active[node] =
            chain.contains(&node) || (base.is_none() && providers.contains(&node));
    }
    wiring.chains.insert(key, chain);
}

/// What meets one need of one node; inside a chain of decorators it is the next one inwards.
fn meet(wiring: &Wiring, node: &Node, index: usize, need: Need) -> Vec<usize> {
    let inside = node
        .gives
        .filter(|given| *given == need.key() && !matches!(need, Need::All(_)));
    let chain = inside.and_then(|key| wiring.chains.get(&key));
    match chain.and_then(|chain| {
        chain
            .iter()
            .position(|&link| link == index)
            .map(|place| (chain, place))
    }) {
        Some((chain, place)) if place > 0 => vec![chain[place - 1]],
        _ => wiring.meets(need),
    }
}

fn choose_roots(nodes: &[Node], only: Option<&[String]>, wiring: &mut Wiring) {
    let mut known = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let root = match node.role {
            Role::Process(name) => {
                known.push(name);
                only.is_none_or(|only| only.iter().any(|wanted| wanted == name))
            }
            Role::Invoke => only.is_none_or(|only| !only.is_empty()),
            Role::Expose => true,
            _ => continue,
        };
        wiring.active[index] = root;
        if root {
            wiring.roots.push(index);
        }
    }
    for wanted in only.unwrap_or_default() {
        if !known.contains(&wanted.as_str()) {
            wiring.flaws.push(Flaw::NoProcess {
                wanted: wanted.clone(),
                known: known.clone(),
            });
        }
    }
}
