//! Rings in the graph.

/// Every ring among the nodes in `scope`, each as the nodes in the order in which one needs the next, beginning with
/// the one that was registered first.
///
/// Nodes that need nothing, or that nothing needs, are peeled off until only rings (and ways between rings) are left.
pub(super) fn find(scope: &[bool], needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut left = scope.to_vec();
    let mut found = Vec::new();
    loop {
        peel(&mut left, needs);
        let Some(first) = left.iter().position(|&here| here) else {
            return found;
        };
        let ring = walk(first, &left, needs);
        for &node in &ring {
            left[node] = false;
        }
        found.push(ring);
    }
}

fn peel(left: &mut [bool], needs: &[Vec<usize>]) {
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); left.len()];
    let mut needed = vec![0_usize; left.len()];
    for (node, targets) in needs.iter().enumerate().filter(|(node, _)| left[*node]) {
        for &target in targets.iter().filter(|target| left[**target]) {
            users[target].push(node);
            needed[node] += 1;
        }
    }
    let mut used: Vec<usize> = users.iter().map(Vec::len).collect();
    let mut free: Vec<usize> = (0..left.len())
        .filter(|&n| left[n] && (needed[n] == 0 || used[n] == 0))
        .collect();
    while let Some(node) = free.pop() {
        if !std::mem::replace(&mut left[node], false) {
            continue;
        }
        for &user in users[node].iter().filter(|user| left[**user]) {
            needed[user] -= 1;
            if needed[user] == 0 {
                free.push(user);
            }
        }
        for &target in needs[node].iter().filter(|target| left[**target]) {
            used[target] -= 1;
            if used[target] == 0 {
                free.push(target);
            }
        }
    }
}

/// Follows needs from `first` until a node comes again; what lies between is a ring.
fn walk(first: usize, left: &[bool], needs: &[Vec<usize>]) -> Vec<usize> {
    let mut path = vec![first];
    loop {
        let last = path[path.len() - 1];
        let next = needs[last]
            .iter()
            .copied()
            .find(|&next| left[next])
            .expect("peeling leaves nodes that need others");
        if let Some(start) = path.iter().position(|&node| node == next) {
            let mut ring = path.split_off(start);
            let lowest = (0..ring.len()).min_by_key(|&at| ring[at]).unwrap_or(0);
            ring.rotate_left(lowest);
            return ring;
        }
        path.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn every_separate_ring_is_found() {
        let needs = vec![
            vec![1],
            vec![2],
            vec![0],
            vec![0, 4],
            vec![5],
            vec![4],
            vec![6],
        ];
        assert_eq!(
            find(&[true; 7], &needs),
            [vec![0, 1, 2], vec![4, 5], vec![6]]
        );
    }

    #[test]
    fn a_graph_without_rings_has_none() {
        assert!(find(&[true; 3], &[vec![1, 2, 2], vec![2], vec![]]).is_empty());
    }
}
