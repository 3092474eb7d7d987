//! What decides everything random of a case.

use std::env;

/// What decides everything random of one run of a case. While it is alive, a failing run prints it; the variable
/// `CRASH_SEED` runs that very one again.
#[derive(Debug)]
pub struct Seed {
    case: &'static str,
    value: u64,
    random: fastrand::Rng,
}

/// The seeds of a case: the one of `CRASH_SEED`, or as many as `CRASH_SEEDS` says (3), the first ones always the same so
/// that a change that breaks a case breaks it at once, and those of a soak drawn anew each time (`CRASH_SOAK`).
pub fn seeds(case: &'static str) -> impl Iterator<Item = Seed> {
    let one = number("CRASH_SEED");
    let count = one.map_or_else(|| number("CRASH_SEEDS").unwrap_or(3), |_| 1);
    let base = match env::var_os("CRASH_SOAK") {
        Some(_) => fastrand::u64(..),
        None => 1,
    };
    (0..count).map(move |index| Seed::new(case, one.unwrap_or(base.wrapping_add(index))))
}

impl Seed {
    /// The run of a case that this number decides.
    #[must_use]
    pub fn new(case: &'static str, value: u64) -> Self {
        Self {
            case,
            value,
            random: fastrand::Rng::with_seed(value),
        }
    }

    /// The number.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.value
    }

    /// The random numbers of the run.
    pub fn random(&mut self) -> &mut fastrand::Rng {
        &mut self.random
    }
}

impl Drop for Seed {
    #[allow(
        clippy::print_stderr,
        reason = "it is for whoever reads the failed test"
    )]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "{} failed with seed {}: `CRASH_SEED={}` runs the same again",
                self.case, self.value, self.value
            );
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}
