//! What can be wrong with a graph.

use super::{Order, Wiring, cycle};
use crate::inject::{Key, Need, Node, Role};

/// One thing that is wrong, by the indices of the nodes it is about.
#[derive(Clone, Debug)]
pub(crate) enum Flaw {
    /// No one provides what `by` ask for.
    Missing {
        key: Key,
        by: Vec<usize>,
    },
    /// `by` collect what is provided but never contributed.
    NotContributed {
        key: Key,
        by: Vec<usize>,
        provider: usize,
    },
    Twice {
        nodes: Vec<usize>,
    },
    Ring {
        nodes: Vec<usize>,
    },
    NothingToReplace {
        node: usize,
    },
    ReplacedTwice {
        nodes: Vec<usize>,
    },
    NothingToDecorate {
        node: usize,
    },
    IgnoresInner {
        node: usize,
    },
    NoProcess {
        wanted: String,
        known: Vec<&'static str>,
    },
}

impl Flaw {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::NotContributed { .. } => "A001",
            Self::Twice { .. } => "A002",
            Self::Ring { .. } => "A003",
            Self::NothingToReplace { .. } => "A004",
            Self::ReplacedTwice { .. } => "A005",
            Self::NothingToDecorate { .. } | Self::IgnoresInner { .. } => "A006",
            Self::NoProcess { .. } => "A007",
        }
    }

    /// The nodes to mark in a drawing.
    pub(crate) fn nodes(&self) -> &[usize] {
        match self {
            Self::Missing { by: nodes, .. }
            | Self::NotContributed { by: nodes, .. }
            | Self::Twice { nodes }
            | Self::Ring { nodes }
            | Self::ReplacedTwice { nodes } => nodes,
            Self::NothingToReplace { node }
            | Self::NothingToDecorate { node }
            | Self::IgnoresInner { node } => std::slice::from_ref(node),
            Self::NoProcess { .. } => &[],
        }
    }
}

/// How far missing components and rings are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All that is registered.
    Everything,
    /// What a root needs: the rest is never built.
    Needed,
}

/// All that is wrong, sorted by code, then by the order of registration.
pub(crate) fn flaws(nodes: &[Node], wiring: &Wiring, order: &Order, scope: Scope) -> Vec<Flaw> {
    let looked_at = match scope {
        Scope::Everything => wiring.active.clone(),
        Scope::Needed => order.marks(),
    };
    let mut flaws = unmet(nodes, wiring, &looked_at);
    flaws.extend(wiring.flaws.iter().cloned());
    let needs: Vec<Vec<usize>> = (0..nodes.len())
        .map(|node| wiring.needs(node).collect())
        .collect();
    flaws.extend(
        cycle::find(&looked_at, &needs)
            .into_iter()
            .map(|nodes| Flaw::Ring { nodes }),
    );
    flaws.sort_by_key(Flaw::code);
    flaws
}

fn unmet(nodes: &[Node], wiring: &Wiring, looked_at: &[bool]) -> Vec<Flaw> {
    let mut flaws: Vec<Flaw> = Vec::new();
    for (index, node) in nodes
        .iter()
        .enumerate()
        .filter(|(index, _)| looked_at[*index])
    {
        for source in wiring.sources[index]
            .iter()
            .filter(|source| source.nodes.is_empty())
        {
            match source.need {
                // A decorator of nothing is reported as such.
                Need::One(key) if node.role == Role::Decorate && node.gives == Some(key) => {}
                Need::One(missing) => {
                    let known = flaws.iter_mut().find_map(|flaw| match flaw {
                        Flaw::Missing { key, by } if *key == missing => Some(by),
                        _ => None,
                    });
                    match known {
                        Some(by) => by.push(index),
                        None => flaws.push(Flaw::Missing {
                            key: missing,
                            by: vec![index],
                        }),
                    }
                }
                Need::All(key) => {
                    if let Some(&provider) = wiring.meets(Need::One(key)).first() {
                        flaws.push(Flaw::NotContributed {
                            key,
                            by: vec![index],
                            provider,
                        });
                    }
                }
                Need::Maybe(_) => {}
            }
        }
    }
    flaws
}
