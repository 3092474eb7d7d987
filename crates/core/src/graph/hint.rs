//! "Did you mean …?"

use crate::inject::{Key, Node, Role};

/// Advice for a component that no one provides, the likeliest first.
pub(super) fn for_missing(key: Key, nodes: &[Node]) -> Vec<String> {
    let wanted = key.to_string();
    let mut hints = Vec::new();
    for node in nodes {
        let Some(given) = node.gives else { continue };
        let name = given.to_string();
        let place = node.whereabouts();
        if given == key {
            if node.role == Role::Contribute {
                hints.push((
                    0,
                    format!("`{wanted}` is contributed, by {place}: ask for `Vec<{wanted}>`"),
                ));
            }
        } else if name == wanted {
            let (one, other) = (key.full_name(), given.full_name());
            hints.push((0, format!("two types are called `{wanted}`: `{one}` is asked for, `{other}` is from {place}")));
        } else if bare(&name) == bare(&wanted) {
            let words = format!("did you mean `{name}`, from {place}?");
            hints.push((
                1,
                format!("{words} `{wanted}` and `{name}` are different types"),
            ));
        } else if near(&bare(&name), &bare(&wanted)) {
            hints.push((2, format!("did you mean `{name}`, from {place}?")));
        }
    }
    hints.sort_by_key(|(rank, _)| *rank);
    hints.dedup();
    hints.into_iter().take(3).map(|(_, words)| words).collect()
}

/// The name among `known` that `wanted` was probably meant to be.
pub(super) fn closest<'a>(wanted: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .copied()
        .filter(|name| near(name, wanted))
        .min_by_key(|name| distance(name, wanted))
}

/// The type inside `Arc<…>`, `Named<…, …>`, `Option<…>`, without `dyn`.
fn bare(name: &str) -> String {
    let mut name = name;
    while let Some(inner) = name.strip_suffix('>') {
        let Some((outer, arguments)) = inner.split_once('<') else {
            break;
        };
        name = match outer {
            "Arc" | "Option" | "Box" | "Vec" => arguments,
            "Named" => arguments
                .split_once(", ")
                .map_or(arguments, |(_, value)| value),
            _ => break,
        };
    }
    name.trim_start_matches("dyn ").to_owned()
}

/// Whether a slip of the pen lies between the two: at most a third of the letters, three at most.
fn near(one: &str, other: &str) -> bool {
    let allowed = (one.chars().count().max(other.chars().count()) / 3).min(3);
    one != other && distance(one, other) <= allowed
}

/// How many letters must be added, dropped or changed to get from one to the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(!a.eq_ignore_ascii_case(&b));
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::{bare, closest, distance};

    #[test]
    fn wrappers_are_seen_through() {
        assert_eq!(bare("Arc<dyn Orders>"), "Orders");
        assert_eq!(bare("Named<Replica, Db>"), "Db");
        assert_eq!(bare("Cache<Db>"), "Cache<Db>");
    }

    #[test]
    fn the_closest_name_is_found_and_a_strange_one_is_not() {
        assert_eq!(closest("wroker", &["http", "worker"]), Some("worker"));
        assert_eq!(closest("grpc", &["http", "worker"]), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
