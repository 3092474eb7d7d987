//! When to try a transaction again.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);

/// How long to wait before the attempt that follows the given number of failed ones: longer with each, and never the same
/// for two callers, or those who collided once would collide again.
pub(super) fn pause(failed: u32) -> Duration {
    let most = SHORTEST.saturating_mul(1 << failed.min(16)).min(LONGEST);
    let least = most / 4;
    // every state is seeded anew
    let random = RandomState::new().hash_one(failed) % 1024;
    least + (most - least).mul_f64(random as f64 / 1024.0)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit_and_differ() {
        for failed in 1..64 {
            let pauses: HashSet<_> = (0..32).map(|_| pause(failed)).collect();
            assert!(pauses.len() > 16, "{pauses:?}");
            let most = LONGEST.min(SHORTEST * (1 << failed.min(16)));
            assert!(pauses.iter().all(|it| *it >= most / 4 && *it <= most));
        }
        assert!(pause(64) >= LONGEST / 4);
    }
}
