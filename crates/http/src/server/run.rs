//! The life of a listener: serve, drain, close.

use std::sync::Arc;
use std::time::Duration;

use atlas_core::{Cause, Phase, Phases, Shutdown, Signal};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::task::TaskTracker;

use super::accept::Door;
use super::listen::Listener;
use super::shared::Shared;

/// How long a connection without a request is kept open after the last one was accepted: a request may be on its way.
const LAST_CALL: Duration = Duration::from_millis(250);
/// The same when someone at the keyboard waits for the end.
const HURRIED_CALL: Duration = Duration::from_millis(20);
/// How long the answers to requests that were ended may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves until it is told to stop, and then in order: requests are served on for `drain_delay` while readiness is off,
/// no new connections are taken, requests in flight have `grace` to end, what is left is ended.
pub(crate) async fn run(
    listener: Listener,
    shared: Arc<Shared>,
    phases: Phases,
    shutdown: Shutdown,
    drain_delay: Duration,
    grace: Duration,
) {
    let connections = TaskTracker::new();
    let door = Door::new(Arc::clone(&shared), connections.clone());
    let drained = drain(&shared, &phases, &shutdown, drain_delay);
    let hurried = tokio::select! {
        hurried = drained => hurried,
        never = door.accept(&listener.socket) => match never {},
    };
    if listener.inherited {
        // it stays open elsewhere, and who waits there is served by the next process
        drop(listener);
    } else {
        door.close(listener.socket);
    }
    connections.close();

    let last_call = if hurried { HURRIED_CALL } else { LAST_CALL };
    shared.drain.close(shared.clock.after(last_call));
    let open = connections.len();
    tracing::info!(target: "atlas::http", open, "no new connections");
    if timeout(grace, connections.wait()).await.is_err() {
        let open = connections.len();
        tracing::warn!(target: "atlas::http", open, ?grace, "requests took too long to end and are cut off");
        shared.drain.cancel();
        // what cannot even be told does not hold up the others
        let _ = timeout(FAREWELL, connections.wait()).await;
    }
    tracing::info!(target: "atlas::http", "closed");
}

/// Waits for the end and sees to it that the world learns of it; says whether there is someone at the keyboard.
async fn drain(shared: &Shared, phases: &Phases, shutdown: &Shutdown, delay: Duration) -> bool {
    let mut phases = phases.clone();
    let mut was_ready = phases.now() == Phase::Started;
    while phases.now() < Phase::Stopping {
        tokio::select! {
            phase = phases.changed() => was_ready |= phase == Phase::Started,
            // a start that fails ends without ever having been ready
            () = shutdown.triggered() => break,
        }
    }
    let until = Instant::now();
    shared.drain.drain();
    shutdown.triggered().await;
    let hurried = matches!(shutdown.cause(), Some(Cause::Signal(Signal::Interrupt)));
    if was_ready && !hurried && !delay.is_zero() {
        tracing::info!(target: "atlas::http", ?delay, "not ready any more; serving on");
        sleep_until(until + delay).await;
    }
    hurried
}
