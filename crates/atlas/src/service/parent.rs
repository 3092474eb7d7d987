//! No orphans under `atlas dev`.

use std::time::Duration;

/// The variable that names the process to live with.
const VARIABLE: &str = "ATLAS_DEV_PARENT";
/// How often the parent is looked at.
const PERIOD: Duration = Duration::from_millis(250);
/// How long the service may take to stop in order.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends this process when the one that `ATLAS_DEV_PARENT` names is no longer its parent: first in order, by calling `stop`
/// (again and again, because the app may only just be starting), then at once.
#[cfg(unix)]
pub(super) fn guard(stop: impl Fn() + Send + 'static) {
    let Some(parent) = std::env::var(VARIABLE)
        .ok()
        .and_then(|pid| pid.parse::<u32>().ok())
    else {
        return;
    };
    let watch = move || {
        while std::os::unix::process::parent_id() == parent {
            std::thread::sleep(PERIOD);
        }
        for _ in 0..PATIENCE.as_millis() / PERIOD.as_millis() {
            stop();
            std::thread::sleep(PERIOD);
        }
        end();
    };
    let thread = std::thread::Builder::new().name("atlas-parent".to_owned());
    // without a thread the service runs as it does without `atlas dev`
    let _ = thread.stack_size(64 * 1024).spawn(watch);
}

#[cfg(not(unix))]
pub(super) fn guard(_stop: impl Fn() + Send + 'static) {
    let _ = (VARIABLE, PERIOD, PATIENCE);
}

#[cfg(unix)]
#[allow(
    clippy::exit,
    reason = "nobody is left who could wait for an orderly end"
)]
fn end() {
    std::process::exit(1);
}
