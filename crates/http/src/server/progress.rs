//! What one connection is doing at this moment.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::limits::Limits;
use super::state::{BodyState, Overdue, Phase, Verdict};

/// The state of one connection, shared by its socket, the request it serves and the timer that watches both.
///
/// HTTP/1.1 serves one request at a time, so one set of cells is enough and a request costs no allocation of its own.
/// The cells are atomic because a request's body may travel to another task; all are read and written in `Relaxed` order,
/// since each is a fact of its own.
#[derive(Debug)]
pub(super) struct Progress {
    phase: AtomicU8,
    /// When the phase began, in milliseconds of the server's clock.
    since: AtomicU64,
    /// Bytes of a request line whose end has not been seen.
    line: AtomicU32,
    /// Whether the line of the request that is being read has ended.
    line_ended: AtomicBool,
    /// Bytes of a next request came in while this one was served.
    early: AtomicBool,
    body: AtomicU8,
    received: AtomicU64,
    verdict: AtomicU8,
    /// How long the handler of this request may take, in milliseconds.
    handler: AtomicU64,
    /// How long the body of this request may take, in milliseconds.
    body_time: AtomicU64,
    /// Bytes of an answer may still be on their way to the socket.
    answering: AtomicBool,
    /// Since when the client has been slow to take what is written to it; 0 when it is not.
    blocked: AtomicU64,
    /// What it has taken since then, in bytes.
    taken: AtomicU64,
}

/// What a client has to take of an answer within `http.write_timeout` while more is waiting, in bytes.
const LEAST_TAKEN: u64 = 32 * 1024;

/// Stands for "not known yet": the phase was entered without looking at the clock.
const UNKNOWN: u64 = u64::MAX;

impl Progress {
    /// A connection accepted at `now`.
    pub(super) fn new(now: u64) -> Self {
        Self {
            phase: AtomicU8::new(Phase::Fresh as u8),
            since: AtomicU64::new(now),
            line: AtomicU32::new(0),
            line_ended: AtomicBool::new(false),
            early: AtomicBool::new(false),
            body: AtomicU8::new(BodyState::Done as u8),
            received: AtomicU64::new(0),
            verdict: AtomicU8::new(Verdict::None as u8),
            handler: AtomicU64::new(0),
            body_time: AtomicU64::new(0),
            answering: AtomicBool::new(false),
            blocked: AtomicU64::new(0),
            taken: AtomicU64::new(0),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        Phase::of(self.phase.load(Relaxed))
    }

    /// Notes bytes from the socket.
    pub(super) fn received(&self, bytes: &[u8]) {
        match self.phase() {
            Phase::Fresh | Phase::Idle => {
                self.phase.store(Phase::Head as u8, Relaxed);
                self.since.store(UNKNOWN, Relaxed);
                self.line.store(0, Relaxed);
                self.line_ended.store(false, Relaxed);
                self.measure(bytes);
            }
            Phase::Head => self.measure(bytes),
            Phase::Serving | Phase::Writing => {
                if self.body() != BodyState::Reading {
                    self.early.store(true, Relaxed);
                }
            }
        }
    }

    fn measure(&self, bytes: &[u8]) {
        // nearly every head is short and comes in one piece: then no limit is near, and it is not looked at
        let whole = bytes.len() <= 1024 && bytes.ends_with(b"\r\n\r\n");
        if whole || self.line_ended.load(Relaxed) {
            return;
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let length = end.unwrap_or(bytes.len());
        let line = self.line.load(Relaxed).saturating_add(length as u32);
        self.line.store(line, Relaxed);
        self.line_ended.store(end.is_some(), Relaxed);
    }

    /// The length of the request line as far as it was received, in bytes.
    pub(super) fn line_length(&self) -> u64 {
        u64::from(self.line.load(Relaxed))
    }

    /// A request's head is complete at `now`.
    pub(super) fn begin(&self, now: u64, has_body: bool, limits: &Limits) {
        let body = if has_body {
            BodyState::Reading
        } else {
            BodyState::Done
        };
        self.phase.store(Phase::Serving as u8, Relaxed);
        self.since.store(now, Relaxed);
        self.body.store(body as u8, Relaxed);
        self.received.store(0, Relaxed);
        self.verdict.store(Verdict::None as u8, Relaxed);
        self.early.store(false, Relaxed);
        self.limit_handler(limits.handler);
        self.limit_body(limits.body_time);
    }

    /// Sets how long the handler of this request may take, counted from the request's head.
    pub(super) fn limit_handler(&self, limit: Duration) {
        self.handler.store(limit.as_millis() as u64, Relaxed);
    }

    /// Sets how long the body of this request may take to arrive, counted from the request's head.
    pub(super) fn limit_body(&self, limit: Duration) {
        self.body_time.store(limit.as_millis() as u64, Relaxed);
    }

    /// How long the handler of this request may take.
    pub(super) fn handler_limit(&self) -> Duration {
        Duration::from_millis(self.handler.load(Relaxed))
    }

    /// The head of the answer is ready.
    pub(super) fn respond(&self) {
        self.phase.store(Phase::Writing as u8, Relaxed);
        self.answering.store(true, Relaxed);
    }

    /// Everything that was written has reached the socket.
    pub(super) fn flushed(&self) {
        self.unblock();
        if !self.phase().is_busy() {
            self.answering.store(false, Relaxed);
        }
    }

    /// Whether what is written now may belong to the answer of a request.
    pub(super) fn is_answering(&self) -> bool {
        self.answering.load(Relaxed) || self.phase().is_busy()
    }

    /// The request is over at `now`.
    pub(super) fn end(&self, now: u64) {
        let phase = if self.early.load(Relaxed) {
            Phase::Head
        } else {
            Phase::Idle
        };
        self.phase.store(phase as u8, Relaxed);
        self.since.store(now, Relaxed);
    }

    /// Gives the phase its begin when it was entered without a look at the clock.
    pub(super) fn stamp(&self, now: impl FnOnce() -> u64) {
        if self.since.load(Relaxed) == UNKNOWN {
            self.since.store(now(), Relaxed);
        }
    }

    pub(super) fn body(&self) -> BodyState {
        BodyState::of(self.body.load(Relaxed))
    }

    pub(super) fn set_body(&self, state: BodyState) {
        self.body.store(state as u8, Relaxed);
    }

    /// Counts bytes of the request's body.
    pub(super) fn count(&self, bytes: u64) {
        self.received.fetch_add(bytes, Relaxed);
    }

    /// How many bytes of the request's body were read.
    pub(super) fn body_bytes(&self) -> u64 {
        self.received.load(Relaxed)
    }

    pub(super) fn verdict(&self) -> Verdict {
        Verdict::of(self.verdict.load(Relaxed))
    }

    /// Ends the request; the future that serves it sees this when it is polled next.
    pub(super) fn judge(&self, verdict: Verdict) {
        self.verdict.store(verdict as u8, Relaxed);
    }

    /// The client does not take more bytes.
    pub(super) fn block(&self, now: impl FnOnce() -> u64) {
        if self.blocked.load(Relaxed) == 0 {
            self.blocked.store(now().max(1), Relaxed);
        }
    }

    /// The client took bytes. One that takes too few of them stays a slow one.
    pub(super) fn took(&self, bytes: u64) {
        if self.blocked.load(Relaxed) != 0
            && self.taken.fetch_add(bytes, Relaxed) + bytes >= LEAST_TAKEN
        {
            self.unblock();
        }
    }

    fn unblock(&self) {
        if self.blocked.load(Relaxed) != 0 {
            self.blocked.store(0, Relaxed);
            self.taken.store(0, Relaxed);
        }
    }

    /// The next moment at which something is overdue, in milliseconds of the server's clock.
    pub(super) fn deadline(&self, limits: &Limits) -> u64 {
        self.dues(limits)
            .into_iter()
            .map(|(at, _)| at)
            .min()
            .unwrap_or(u64::MAX)
    }

    /// What is overdue at `now`.
    pub(super) fn overdue(&self, limits: &Limits, now: u64) -> Option<Overdue> {
        self.dues(limits)
            .into_iter()
            .find(|(at, _)| *at <= now)
            .map(|(_, what)| what)
    }

    /// All deadlines that run; a slow body goes before a slow handler, which may be waiting for it.
    fn dues(&self, limits: &Limits) -> [(u64, Overdue); 3] {
        const NEVER: u64 = u64::MAX;
        let since = self.since.load(Relaxed);
        let after = |limit: Duration| since.saturating_add(limit.as_millis() as u64);
        let blocked = match self.blocked.load(Relaxed) {
            0 => NEVER,
            at => at.saturating_add(limits.write.as_millis() as u64),
        };
        // also while the answer is written: it may be made of the body as it comes
        let body = match (self.phase(), self.body()) {
            (Phase::Serving | Phase::Writing, BodyState::Reading) => {
                since.saturating_add(self.body_time.load(Relaxed))
            }
            _ => NEVER,
        };
        let phase = match self.phase() {
            Phase::Fresh => (after(limits.head), Overdue::Idle),
            Phase::Idle => (after(limits.idle), Overdue::Idle),
            Phase::Head => (after(limits.head), Overdue::Head),
            Phase::Serving => (after(self.handler_limit()), Overdue::Handler),
            Phase::Writing => (NEVER, Overdue::Handler),
        };
        [(blocked, Overdue::Write), (body, Overdue::Body), phase]
    }
}
