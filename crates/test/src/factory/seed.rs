//! The seed of a run, and the numbers of a test.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, ThreadId};

use tokio::runtime::{self, Handle};

const VARIABLE: &str = "ATLAS_TEST_SEED";

static SEED: OnceLock<u64> = OnceLock::new();
static TESTS: Mutex<Option<HashMap<Test, Numbers>>> = Mutex::new(None);

/// How many objects of each type a test has made.
type Numbers = HashMap<TypeId, u64>;

/// What tells tests apart that run in one process: each has a runtime of its own, or else a thread.
#[derive(PartialEq, Eq, Hash)]
enum Test {
    Runtime(runtime::Id),
    Thread(ThreadId),
}

/// The number of the next object of a type in this test, from 1, and what its values are drawn from.
pub(super) fn next<T: 'static>() -> (u64, u64) {
    let test = Handle::try_current().map_or_else(
        |_| Test::Thread(thread::current().id()),
        |handle| Test::Runtime(handle.id()),
    );
    let seed = *SEED.get_or_init(chosen);
    let number = {
        let mut tests = TESTS.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = tests
            .get_or_insert_default()
            .entry(test)
            .or_insert_with(|| {
                show(seed);
                Numbers::new()
            });
        let number = numbers.entry(TypeId::of::<T>()).or_default();
        *number += 1;
        *number
    };
    // neither the order of tests nor that of types in a test changes what is drawn
    let kind = type_name::<T>()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    (number, mix(mix(seed ^ kind) ^ number))
}

/// The finaliser of SplitMix64: neighbours become strangers.
pub(super) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[allow(clippy::panic, reason = "a seed that is not used would be worse")]
fn chosen() -> u64 {
    match std::env::var(VARIABLE) {
        Ok(text) => match text.parse() {
            Ok(seed) => seed,
            Err(_) => panic!("{VARIABLE} is not a number from 0 to {}: {text}", u64::MAX),
        },
        // short enough to be typed
        Err(_) => RandomState::new().hash_one(std::process::id()) % 1_000_000_000,
    }
}

#[allow(
    clippy::print_stderr,
    reason = "the harness keeps it, and shows it with a test that fails"
)]
fn show(seed: u64) {
    eprintln!("factories: {VARIABLE}={seed} draws the same values again");
}
