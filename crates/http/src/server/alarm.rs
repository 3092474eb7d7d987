//! One timer for all deadlines of a connection.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::{Duration, Instant};

use tokio::time::Sleep;

/// A timer that is set to the next deadline, whatever it is for, and only ever moved to an earlier time.
///
/// Deadlines move back with each request. Instead of following them the timer is left to ring early, looks at the clock,
/// and is set anew; so a busy connection touches the runtime's timers once per deadline, not once per request.
pub(super) struct Alarm {
    epoch: Instant,
    sleep: Option<Pin<Box<Sleep>>>,
    /// When it rings, in milliseconds since `epoch`.
    at: u64,
}

impl Alarm {
    pub(super) fn new(epoch: Instant) -> Self {
        Self {
            epoch,
            sleep: None,
            at: u64::MAX,
        }
    }

    /// Whether it has rung since it was set.
    pub(super) fn rang(&self) -> bool {
        self.sleep.as_ref().is_some_and(|sleep| sleep.is_elapsed())
    }

    /// Sees to it that the task is woken at `deadline` or earlier.
    pub(super) fn at_latest(&mut self, deadline: u64, cx: &mut Context<'_>) {
        if deadline == u64::MAX || (deadline >= self.at && !self.rang()) {
            return;
        }
        let instant = tokio::time::Instant::from_std(self.epoch + Duration::from_millis(deadline));
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                sleep.as_mut().reset(instant);
                sleep
            }
            none => none.insert(Box::pin(tokio::time::sleep_until(instant))),
        };
        self.at = deadline;
        // polled once, it wakes this task; a connection keeps its task, so it need not be polled again
        if sleep.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }
}
