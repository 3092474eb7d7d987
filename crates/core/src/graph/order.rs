//! The order of construction.

use super::Wiring;

/// What is built, and in which order.
pub(crate) struct Order {
    /// The nodes that a root needs, each after all that it needs: depth first, in the order of roots and arguments.
    pub(crate) nodes: Vec<usize>,
    /// Who asked for a node first; `None` for roots and for what is not built.
    pub(crate) parent: Vec<Option<usize>>,
}

impl Order {
    /// The way from a root to `node`, both included.
    pub(crate) fn path(&self, node: usize) -> Vec<usize> {
        let mut path = vec![node];
        let mut at = node;
        while let Some(parent) = self.parent[at] {
            path.push(parent);
            at = parent;
        }
        path.reverse();
        path
    }

    /// Whether each node is built.
    pub(crate) fn marks(&self) -> Vec<bool> {
        let mut marks = vec![false; self.parent.len()];
        for &node in &self.nodes {
            marks[node] = true;
        }
        marks
    }
}

/// Orders all that the roots need. Rings are cut where they close, so that this ends for an unsound graph too.
pub(crate) fn order(wiring: &Wiring) -> Order {
    let count = wiring.sources.len();
    let mut order = Order {
        nodes: Vec::with_capacity(count),
        parent: vec![None; count],
    };
    let mut seen = vec![false; count];
    let mut stack: Vec<(usize, Vec<usize>)> = Vec::new();
    for &root in &wiring.roots {
        if std::mem::replace(&mut seen[root], true) {
            continue;
        }
        stack.push((root, pending(wiring, root)));
        while let Some((node, needs)) = stack.last_mut() {
            let node = *node;
            match needs.pop() {
                Some(next) if std::mem::replace(&mut seen[next], true) => {}
                Some(next) => {
                    order.parent[next] = Some(node);
                    stack.push((next, pending(wiring, next)));
                }
                None => {
                    order.nodes.push(node);
                    stack.pop();
                }
            }
        }
    }
    order
}

/// The needs of a node, the first one last, to be popped.
fn pending(wiring: &Wiring, node: usize) -> Vec<usize> {
    let mut needs: Vec<usize> = wiring.needs(node).collect();
    needs.reverse();
    needs
}
