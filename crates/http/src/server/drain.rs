//! The end of a listener, in stages that its connections follow.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::SeqCst};

use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

/// How far a listener has come on its way to the end. Stages only go forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Stage {
    /// Nothing ends.
    Serving = 0,
    /// The service is no longer ready, and everything is served while the word spreads; each answer asks its client to
    /// open a new connection, which by then leads elsewhere.
    Draining = 1,
    /// No new connections. Requests in flight go on, connections without one are closed.
    Closing = 2,
    /// Time is up: requests in flight are ended.
    Cancelled = 3,
}

/// The stage of one listener, and word of its changes.
///
/// The stage is an atomic that every request reads. The tokens only wake connections that wait: each is asked once for a
/// connection, because asking takes a lock that all connections share.
#[derive(Debug, Default)]
pub(crate) struct Drain {
    stage: AtomicU8,
    /// Until when a connection without a request is kept open for one that may be on its way, in milliseconds of the
    /// server's clock.
    linger_until: AtomicU64,
    closing: CancellationToken,
    cancelled: CancellationToken,
}

impl Drain {
    pub(crate) fn stage(&self) -> Stage {
        match self.stage.load(SeqCst) {
            0 => Stage::Serving,
            1 => Stage::Draining,
            2 => Stage::Closing,
            _ => Stage::Cancelled,
        }
    }

    /// Readiness is off from here on.
    pub(crate) fn drain(&self) {
        self.enter(Stage::Draining);
    }

    /// No new connections from here on; those without a request are closed at `linger_until`.
    pub(crate) fn close(&self, linger_until: u64) {
        self.linger_until.store(linger_until, SeqCst);
        self.enter(Stage::Closing);
        self.closing.cancel();
    }

    /// Ends what is left.
    pub(crate) fn cancel(&self) {
        self.enter(Stage::Cancelled);
        self.cancelled.cancel();
    }

    fn enter(&self, stage: Stage) {
        self.stage.fetch_max(stage as u8, SeqCst);
    }

    pub(super) fn linger_until(&self) -> u64 {
        self.linger_until.load(SeqCst)
    }

    /// Completes when [`Stage::Closing`] has begun.
    pub(super) fn closing(&self) -> WaitForCancellationFuture<'_> {
        self.closing.cancelled()
    }

    /// Completes when [`Stage::Cancelled`] has begun.
    pub(super) fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        self.cancelled.cancelled()
    }
}
