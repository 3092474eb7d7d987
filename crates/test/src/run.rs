//! A whole test: the app started, used, stopped, and nothing left of it.

use std::time::{Duration, Instant};

use tokio::runtime;

use crate::{Builder, TestApp};

/// How long tasks may take to end once their app has stopped.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts an app, runs `test` with it, and stops it: what [`test`](macro@crate::test) expands to.
///
/// A test for a database server that this machine does not have is [skipped](atlas_servers::skipped), aloud.
///
/// # Panics
/// When the app does not start or stop well, when `test` panics, and when tasks still run after the app has stopped.
pub fn run(app: impl Into<Builder>, test: impl AsyncFnOnce(&TestApp)) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime needs no more than memory and a few descriptors");
    runtime.block_on(async {
        let app = match app.into().try_start().await {
            Ok(app) => app,
            Err(absent) => return atlas_servers::skipped(&absent),
        };
        test(&app).await;
        app.stop().await;
        let since = Instant::now();
        while runtime.metrics().num_alive_tasks() > 0 && since.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let left = runtime.metrics().num_alive_tasks();
        assert_eq!(
            left, 0,
            "{left} tasks still run after their app has stopped; spawn them with `Lifecycle::spawn`"
        );
    });
}
