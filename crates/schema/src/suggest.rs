//! "Did you mean".

/// The candidate that `name` was probably meant to be: equal but for case, `-` and `_`, or a few letters away (one in
/// three at most, two swapped letters count as one). The first of equals; nothing if none is near.
///
/// ```
/// use atlas_schema::closest;
///
/// assert_eq!(closest("prot", ["host", "port"]), Some("port"));
/// assert_eq!(closest("max-connections", ["max_connections"]), Some("max_connections"));
/// assert_eq!(closest("colour", ["host", "port"]), None);
/// ```
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // nobody mistypes that much, and the distance costs the product of both lengths
    const LONGEST: usize = 80;
    let name = folded(name);
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| {
            let other = folded(candidate);
            let allowed = (name.len().max(other.len()) / 3).max(1);
            (candidate, distance(&name, &other), allowed, other.len())
        })
        .filter(|(_, distance, allowed, length)| distance <= allowed && distance < length)
        .min_by_key(|(_, distance, _, _)| *distance)
        .map(|(candidate, _, _, _)| candidate)
}

fn folded(name: &str) -> Vec<char> {
    name.chars()
        .filter(|letter| !matches!(letter, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).
fn distance(left: &[char], right: &[char]) -> usize {
    let width = right.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut above: Vec<usize> = (0..width).collect();
    for (row, letter) in left.iter().enumerate() {
        let mut here = Vec::with_capacity(width);
        here.push(row + 1);
        for (column, other) in right.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != other);
            let mut best = replaced.min(above[column + 1] + 1).min(here[column] + 1);
            if row > 0 && column > 0 && *letter == right[column - 1] && left[row - 1] == *other {
                best = best.min(before[column - 1] + 1);
            }
            here.push(best);
        }
        before = above;
        above = here;
    }
    above[right.len()]
}
