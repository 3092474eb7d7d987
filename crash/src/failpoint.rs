//! Dying at a named step.
//!
//! The variable `CRASH_AT` holds `<step>:<n>`: the process kills itself with SIGKILL when it reaches that step for the n-th
//! time. Nothing is unwound, flushed or told to anybody, as when the machine's power is cut.

use std::{
    env,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use rustix::process::{Signal, getpid, kill_process};

/// The variable that says where to die.
pub const VARIABLE: &str = "CRASH_AT";

struct Point {
    step: String,
    left: AtomicU64,
}

/// Says that this step is reached. Returns, unless it is the one to die at.
pub fn reach(step: &str) {
    if is_the_one(step) {
        die();
    }
}

/// Says that this step begins. If it is the one to die at, the process goes on and is dead that much later, wherever it has
/// come to: for steps that other code takes.
pub fn reach_within(step: &str, wait: Duration) {
    if is_the_one(step) {
        thread::spawn(move || {
            thread::sleep(wait);
            die();
        });
    }
}

/// Says whether this is the time of the step to die at.
fn is_the_one(step: &str) -> bool {
    static POINT: OnceLock<Option<Point>> = OnceLock::new();
    let point = POINT.get_or_init(|| {
        let value = env::var(VARIABLE).ok()?;
        let (step, count) = value.rsplit_once(':')?;
        let left = AtomicU64::new(count.parse().ok()?);
        Some(Point {
            step: step.to_owned(),
            left,
        })
    });
    let point = point.as_ref().filter(|it| it.step == step);
    point.is_some_and(|it| it.left.fetch_sub(1, Ordering::SeqCst) == 1)
}

/// Kills the calling process, as `kill -9` does.
pub fn die() -> ! {
    let _ = kill_process(getpid(), Signal::KILL);
    loop {
        std::thread::park();
    }
}
