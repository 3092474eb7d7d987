//! Random numbers for identifiers: fast, per thread, not for secrets.

use std::cell::Cell;
use std::hash::{BuildHasher, Hasher, RandomState};

thread_local! {
    static STATE: Cell<[u64; 4]> = Cell::new(seed());
}

/// The next 64 random bits of this thread (xoshiro256++).
///
/// Identifiers of requests and traces must not collide, but nothing is protected by them, so a generator without a
/// system call is the right one.
pub(super) fn next() -> u64 {
    STATE.with(|state| {
        let mut s = state.get();
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        state.set(s);
        result
    })
}

/// 256 bits from the operating system, by way of the keys that `std` draws for its hash maps.
fn seed() -> [u64; 4] {
    let keys = [RandomState::new(), RandomState::new()];
    let mut seed = [0_u64; 4];
    for (index, word) in seed.iter_mut().enumerate() {
        let mut hasher = keys[index % 2].build_hasher();
        hasher.write_usize(index);
        hasher.write_u32(std::process::id());
        *word = hasher.finish();
    }
    // all zeros is the one state the generator never leaves
    seed[0] |= u64::from(seed == [0; 4]);
    seed
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn numbers_differ_within_and_between_threads() {
        let draw = || (0..1000).map(|_| super::next()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(draw)).collect();
        let mut seen: HashSet<u64> = draw().into_iter().collect();
        for thread in threads {
            seen.extend(thread.join().unwrap());
        }
        assert_eq!(seen.len(), 5000);
    }
}
