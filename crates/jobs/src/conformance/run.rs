//! Running a case.

use std::time::Duration;

/// How long a case may take, on a slow machine that does much else.
const LIMIT: Duration = Duration::from_secs(180);

/// Runs a case to its end, on threads of its own. This is what the tests of [`conformance!`](crate::conformance!) do.
///
/// # Panics
///
/// When the case fails, or takes longer than three minutes.
pub fn run(case: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime for the case");
    let ended = runtime.block_on(async { tokio::time::timeout(LIMIT, case).await });
    // what a failed case has left running must not hold the test up
    runtime.shutdown_background();
    ended.expect("the case ends in time");
}
