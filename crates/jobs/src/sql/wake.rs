//! Telling workers that there is work.

use std::{
    collections::BTreeSet,
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use atlas_db::{Listener, Notice};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::sleep,
};

use super::base::{Base, Dialect};
use crate::{
    Result,
    store::{Signal, Wake},
};

/// The channel of PostgreSQL. A message is the number of the process it comes from, a blank, and what is told.
const CHANNEL: &str = "atlas_jobs";
/// What is told beside the names of queues, none of which begins so.
const CONTROL: &str = "*";
/// How many signals a listener may be behind.
const KEPT: usize = 1024;
/// Other processes are told at most so often. A message costs a commit, and stands for all jobs that come until the next.
const PAUSE: Duration = Duration::from_millis(4);

/// Who is told.
pub(super) struct Bell {
    here: broadcast::Sender<Signal>,
    /// Tells messages of this process from those of others.
    origin: u64,
    /// What others have not been told yet.
    elsewhere: Mutex<Elsewhere>,
    /// Nothing is heard of other processes.
    is_deaf: AtomicBool,
}

#[derive(Default)]
struct Elsewhere {
    due: BTreeSet<String>,
    is_told: bool,
}

impl Bell {
    pub(super) fn new() -> Self {
        Self {
            here: broadcast::channel(KEPT).0,
            origin: fastrand::u64(..),
            elsewhere: Mutex::default(),
            is_deaf: AtomicBool::new(false),
        }
    }

    /// Says whether messages of other processes come through, as far as anybody knows.
    pub(super) fn hears_others(&self) -> bool {
        !self.is_deaf.load(Ordering::Relaxed)
    }

    /// Notes that nothing is heard of other processes; the first time it is logged.
    fn is_deaf(&self, why: &str) {
        if !self.is_deaf.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "atlas::jobs", why,
                "workers are not woken by other processes, and ask for work instead until they are"
            );
        }
    }

    /// Notes that other processes are heard.
    fn hears(&self) {
        if self.is_deaf.swap(false, Ordering::Relaxed) {
            tracing::info!(target: "atlas::jobs", "workers are woken by other processes again");
        }
    }
}

impl Base {
    /// Tells of work in these queues, once the caller's transaction is committed.
    pub(super) async fn ring(&self, queues: BTreeSet<String>) {
        if queues.is_empty() {
            return;
        }
        if !self.db.in_transaction() {
            return self.ring_now(queues);
        }
        let base = self.clone();
        self.db
            .after_commit(move || async move { base.ring_now(queues) })
            .await;
    }

    /// Tells that somebody wants something of running jobs, of workers or of schedulers, once the caller's transaction is
    /// committed.
    pub(super) async fn ring_control(&self) {
        if !self.db.in_transaction() {
            return self.ring_control_now();
        }
        let base = self.clone();
        self.db
            .after_commit(move || async move { base.ring_control_now() })
            .await;
    }

    fn ring_control_now(&self) {
        // nobody may be listening
        let _ = self.bell.here.send(Signal::Control);
        self.tell_others([CONTROL.to_owned()]);
    }

    fn ring_now(&self, queues: BTreeSet<String>) {
        for queue in &queues {
            let _ = self.bell.here.send(Signal::Work(queue.clone()));
        }
        self.tell_others(queues);
    }

    fn tell_others(&self, what: impl IntoIterator<Item = String>) {
        if self.dialect != Dialect::Postgres {
            return;
        }
        let mut elsewhere = self.bell.elsewhere();
        elsewhere.due.extend(what);
        if !mem::replace(&mut elsewhere.is_told, true) {
            tokio::spawn(tell(self.clone()));
        }
    }
}

impl Bell {
    fn elsewhere(&self) -> std::sync::MutexGuard<'_, Elsewhere> {
        self.elsewhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells other processes what is due, until nothing is.
async fn tell(base: Base) {
    loop {
        let due = {
            let mut elsewhere = base.bell.elsewhere();
            let due = mem::take(&mut elsewhere.due);
            elsewhere.is_told = !due.is_empty();
            due
        };
        if due.is_empty() {
            return;
        }
        for what in due {
            let message = format!("{} {what}", base.bell.origin);
            let call = base.fixed("SELECT CAST(pg_notify(?, ?) AS text)");
            let told = base
                .alone(base.row(&call, vec![CHANNEL.into(), message.into()]))
                .await;
            if let Err(error) = told {
                // they will find out when they ask
                tracing::debug!(target: "atlas::jobs", %error, "other workers were not told of work");
            }
        }
        sleep(PAUSE).await;
    }
}

/// Listens here, and elsewhere if the database passes messages on.
pub(super) async fn listen(base: &Base) -> Result<Option<Box<dyn Wake>>> {
    let here = base.bell.here.subscribe();
    let elsewhere = match base.dialect {
        Dialect::Postgres => Some(base.db.listen(&[CHANNEL]).await?),
        Dialect::Sqlite | Dialect::MySql => None,
    };
    Ok(Some(Box::new(Ears {
        here,
        elsewhere,
        bell: Arc::clone(&base.bell),
    })))
}

struct Ears {
    here: broadcast::Receiver<Signal>,
    elsewhere: Option<Listener>,
    bell: Arc<Bell>,
}

#[async_trait::async_trait]
impl Wake for Ears {
    async fn next(&mut self) -> Signal {
        loop {
            let heard = async {
                match &mut self.elsewhere {
                    Some(listener) => listener.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                signal = self.here.recv() => match signal {
                    Ok(signal) => return signal,
                    Err(RecvError::Lagged(_)) => return Signal::Gap,
                    // the sender lives as long as this does
                    Err(RecvError::Closed) => std::future::pending::<()>().await,
                },
                notice = heard => match notice {
                    Notice::Gap => {
                        self.bell.hears();
                        return Signal::Gap;
                    }
                    // who waits for messages has to begin to ask
                    Notice::Deaf { why } => {
                        self.bell.is_deaf(&why);
                        return Signal::Gap;
                    }
                    Notice::Message { payload, .. } => {
                        if let Some(signal) = self.bell.understand(&payload) {
                            return signal;
                        }
                    }
                },
            }
        }
    }
}

impl Bell {
    /// What a message says; nothing when it is one's own.
    fn understand(&self, message: &str) -> Option<Signal> {
        let Some((origin, what)) = message.split_once(' ') else {
            return Some(Signal::Gap);
        };
        if origin.parse() == Ok(self.origin) {
            return None;
        }
        Some(match what {
            CONTROL => Signal::Control,
            queue => Signal::Work(queue.to_owned()),
        })
    }
}
