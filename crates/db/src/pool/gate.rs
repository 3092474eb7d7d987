//! Who may open a connection while nobody knows whether the server is there.
//!
//! While it is, callers open connections as they need them. Once one was found dead, or could not be opened, a single caller
//! tries, at most twice a second, and all others wait for what comes of it: a server that comes back is not met by as many
//! attempts as there are callers.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{DbErr, RuntimeErr};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use crate::symptom::Symptom;

/// The shortest time between two attempts.
const SHORTEST: Duration = Duration::from_millis(500);
/// The longest, before chance is added.
const LONGEST: Duration = Duration::from_secs(1);

/// The gate of one pool.
pub(super) struct Gate(Mutex<State>);

struct State {
    /// The server was there when it was asked last.
    is_open: bool,
    /// What is waited for, if somebody tries right now.
    attempt: Option<Attempt>,
    /// When the next attempt may be made.
    next: Option<Instant>,
    failures: u32,
    /// What the last attempt said, if it failed.
    failed: Option<DbErr>,
}

/// Ends with what came of the attempt: nothing if it was given up.
type Attempt = watch::Receiver<Option<Result<(), DbErr>>>;

/// What a caller may do that needs a new connection.
pub(super) enum Look<'a> {
    /// Open one.
    Open,
    /// Open one, and say what came of it: others wait for that.
    Turn(Turn<'a>),
    /// Wait.
    Wait(Wait),
}

/// What a caller waits for.
pub(super) enum Wait {
    /// Somebody tries.
    Attempt(Attempt),
    /// It is too early for another attempt.
    Pause(Duration, Option<DbErr>),
}

impl Gate {
    /// A gate of a server that nobody has asked for yet.
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            is_open: false,
            attempt: None,
            next: None,
            failures: 0,
            failed: None,
        }))
    }

    /// A connection was found dead: the server may be away.
    pub(super) fn doubt(&self) {
        self.state().is_open = false;
    }

    /// What the caller may do now.
    pub(super) fn look(&self) -> Look<'_> {
        let mut state = self.state();
        if state.is_open {
            return Look::Open;
        }
        if let Some(attempt) = &state.attempt {
            return Look::Wait(Wait::Attempt(attempt.clone()));
        }
        let now = Instant::now();
        if let Some(next) = state.next.filter(|next| *next > now) {
            return Look::Wait(Wait::Pause(next - now, state.failed.clone()));
        }
        let (tells, attempt) = watch::channel(None);
        state.next = Some(now + SHORTEST);
        state.attempt = Some(attempt);
        Look::Turn(Turn { gate: self, tells })
    }

    /// Notes what came of opening a connection.
    pub(super) fn opened(&self, outcome: Result<(), &DbErr>) {
        self.state().opened(outcome);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn opened(&mut self, outcome: Result<(), &DbErr>) {
        match outcome {
            Err(error) if is_away(error) => {
                let wait = (SHORTEST * (1 << self.failures.min(4))).min(LONGEST);
                // processes that lost the same server do not come back in step
                let wait = wait.mul_f64(1.0 + chance() / 2.0);
                let next = Instant::now() + wait;
                self.is_open = false;
                self.failures += 1;
                self.next = Some(self.next.map_or(next, |known| known.max(next)));
                self.failed = Some(error.clone());
            }
            // a server that refuses is there, and says at once what is wrong
            _ => {
                (self.is_open, self.failures) = (true, 0);
                (self.next, self.failed) = (None, None);
            }
        }
    }
}

/// The one attempt that others wait for. One that is dropped was given up: the next in line has it later.
pub(super) struct Turn<'a> {
    gate: &'a Gate,
    tells: watch::Sender<Option<Result<(), DbErr>>>,
}

impl Turn<'_> {
    /// Says what came of it.
    pub(super) fn end(self, outcome: Result<(), &DbErr>) {
        let mut state = self.gate.state();
        state.opened(outcome);
        let told = match outcome {
            Err(error) if is_away(error) => Err(later(error, state.wait())),
            _ => Ok(()),
        };
        drop(state);
        self.tells.send_replace(Some(told));
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.gate.state().attempt = None;
    }
}

impl State {
    fn wait(&self) -> Duration {
        let now = Instant::now();
        self.next
            .map_or(Duration::ZERO, |next| next.saturating_duration_since(now))
    }
}

impl Wait {
    /// Waits, no longer than `patience`, until the caller may look again.
    ///
    /// # Errors
    ///
    /// What came of the attempt, if the server is away; what came of the last one, if the next one is later than the
    /// caller waits for.
    pub(super) async fn over(self, patience: Duration) -> Result<(), DbErr> {
        match self {
            Self::Attempt(mut attempt) => {
                match timeout(patience, attempt.wait_for(Option::is_some)).await {
                    Ok(Ok(outcome)) => outcome.clone().unwrap_or(Ok(())),
                    // it was given up
                    Ok(Err(_)) => Ok(()),
                    Err(_) => Err(silent(patience)),
                }
            }
            Self::Pause(pause, failed) if pause > patience => {
                let error = failed.unwrap_or_else(|| silent(patience));
                Err(later(&error, pause))
            }
            Self::Pause(pause, _) => {
                sleep(pause).await;
                Ok(())
            }
        }
    }
}

/// A connection that did not come in time.
pub(super) fn silent(limit: Duration) -> DbErr {
    let words = format!("no connection within {limit:?}");
    of_io(io::Error::new(io::ErrorKind::TimedOut, words))
}

/// The same error, which says when the next attempt is.
fn later(error: &DbErr, wait: Duration) -> DbErr {
    let DbErr::Conn(RuntimeErr::SqlxError(cause)) = error else {
        return error.clone();
    };
    let sqlx::Error::Io(cause) = &**cause else {
        return error.clone();
    };
    let words = format!(
        "{cause}; the next attempt to connect is in {} ms",
        wait.as_millis()
    );
    of_io(io::Error::new(cause.kind(), words))
}

fn of_io(error: io::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(sqlx::Error::Io(error))))
}

/// Says whether nobody is there who answers.
fn is_away(error: &DbErr) -> bool {
    matches!(
        Symptom::of(error),
        Symptom::Refused | Symptom::Silent | Symptom::Gone
    )
}

/// A number between 0 and 1 that differs from process to process and from call to call.
fn chance() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let bits = RandomState::new().hash_one(Instant::now());
    f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
