//! The connection to one server: opened when it is needed, shared by all, replaced when it is dead.
//!
//! The connection manager of the crate `redis` tries to connect as often as callers ask, and goes on with a connection
//! whose peer has gone silent. Here attempts are paced and made once for all who wait; a connection that the server closes is
//! noticed at once, one that answers nobody within the limit is given up; and a command is never sent twice.

mod pace;
mod stats;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionLike, MultiplexedConnection, PubSub};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, Pipeline, ProtocolVersion, PushInfo,
    PushKind, Value,
};
use tokio::sync::watch;
use tokio::time::timeout;

use self::pace::Pace;
pub(crate) use self::pace::chance;
pub(crate) use self::stats::Stats;
use crate::error::Error;

/// The bounds of every connection and answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) connect: Duration,
    pub(crate) answer: Duration,
}

/// One server. Clones share the connection.
#[derive(Clone)]
pub(crate) struct Link(Arc<Inner>);

struct Inner {
    client: Client,
    /// For messages, which RESP2 delivers on a connection of their own.
    listener: Client,
    place: String,
    limits: Limits,
    born: Instant,
    state: Mutex<State>,
    stats: Arc<Stats>,
}

#[derive(Default)]
struct State {
    live: Option<Live>,
    attempt: Option<Attempt>,
    /// What the last attempt said, if it failed.
    failed: Option<Error>,
    pace: Pace,
    /// Counts connections, so that an old one cannot retire a newer one.
    number: u64,
    closed: bool,
}

/// Ends with the outcome of the attempt.
type Attempt = watch::Receiver<Option<Result<Live, Error>>>;

#[derive(Clone)]
struct Live {
    number: u64,
    connection: MultiplexedConnection,
    /// When it last answered anything, in milliseconds since the birth of the link.
    answered: Arc<AtomicU64>,
}

impl Link {
    /// A server that is not connected to yet.
    pub(crate) fn new(
        info: &ConnectionInfo,
        limits: Limits,
        stats: Arc<Stats>,
    ) -> Result<Self, redis::RedisError> {
        let speaking = |protocol| {
            let settings = info.redis_settings().clone().set_protocol(protocol);
            Client::open(info.clone().set_redis_settings(settings))
        };
        Ok(Self(Arc::new(Inner {
            client: speaking(ProtocolVersion::RESP3)?,
            listener: speaking(ProtocolVersion::RESP2)?,
            place: info.addr().to_string(),
            limits,
            born: Instant::now(),
            state: Mutex::default(),
            stats,
        })))
    }

    /// Host and port.
    pub(crate) fn place(&self) -> &str {
        &self.0.place
    }

    /// Whether there is a connection now.
    pub(crate) fn is_live(&self) -> bool {
        self.0.state().live.is_some()
    }

    /// Sends a command, and returns its answer.
    pub(crate) async fn run(&self, cmd: &Cmd) -> Result<Value, Error> {
        self.send(async |connection| connection.req_packed_command(cmd).await?.extract_error())
            .await
    }

    /// Sends commands together, and returns the answers of those that are not ignored.
    pub(crate) async fn run_all(&self, pipeline: &Pipeline) -> Result<Value, Error> {
        self.send(async |connection| pipeline.query_async(connection).await)
            .await
    }

    /// A connection for messages. None is opened before commands can be sent: one attempt to connect stands for all.
    pub(crate) async fn listen(&self) -> Result<PubSub, Error> {
        self.live().await?;
        let limit = self.0.limits.connect;
        match timeout(limit, self.0.listener.get_async_pubsub()).await {
            Ok(opened) => opened.map_err(|error| Error::unreachable(&error, &self.0.place)),
            Err(_) => Err(self.0.silent()),
        }
    }

    /// How long until another attempt to connect may be made.
    pub(crate) fn pause(&self) -> Duration {
        self.0.state().pace.wait(Instant::now())
    }

    /// Gives the connection up and opens no other one.
    pub(crate) fn close(&self) {
        let mut state = self.0.state();
        state.closed = true;
        state.live = None;
    }

    async fn send<F>(&self, command: F) -> Result<Value, Error>
    where
        F: AsyncFnOnce(&mut MultiplexedConnection) -> Result<Value, redis::RedisError>,
    {
        let began = Instant::now();
        let outcome = self.try_send(command).await;
        self.0.stats.record(began.elapsed(), outcome.as_ref().err());
        outcome
    }

    async fn try_send<F>(&self, command: F) -> Result<Value, Error>
    where
        F: AsyncFnOnce(&mut MultiplexedConnection) -> Result<Value, redis::RedisError>,
    {
        let mut live = self.live().await?;
        let inner = &self.0;
        let began = inner.age();
        match timeout(inner.limits.answer, command(&mut live.connection)).await {
            Ok(Ok(value)) => {
                live.answered.fetch_max(inner.age(), Ordering::Relaxed);
                Ok(value)
            }
            Ok(Err(error)) => {
                let error = Error::of(&error, &inner.place);
                match error {
                    Error::Lost { .. } => inner.retire(live.number),
                    _ => {
                        live.answered.fetch_max(inner.age(), Ordering::Relaxed);
                    }
                }
                Err(error)
            }
            Err(_) => {
                // nobody has had an answer in all that time: the peer is gone, though nothing says so
                if live.answered.load(Ordering::Relaxed) <= began {
                    inner.retire(live.number);
                }
                Err(Error::Timeout {
                    place: inner.place.clone(),
                    limit: inner.limits.answer,
                })
            }
        }
    }

    /// The connection; opens one if there is none.
    async fn live(&self) -> Result<Live, Error> {
        loop {
            let mut attempt = match self.0.look(self) {
                Look::Live(live) => return Ok(live),
                Look::Failed(error) => return Err(error),
                Look::Attempt(attempt) => attempt,
                Look::Wait(pause) => {
                    tokio::time::sleep(pause).await;
                    continue;
                }
            };
            let ended = attempt.wait_for(Option::is_some).await;
            return match ended.ok().and_then(|outcome| outcome.clone()) {
                Some(outcome) => outcome,
                // the runtime that made the attempt has ended
                None => Err(Error::Closed),
            };
        }
    }
}

enum Look {
    Live(Live),
    Attempt(Attempt),
    /// An attempt has failed, and it is too early for another one.
    Failed(Error),
    /// The last attempt succeeded a moment ago, and its connection is gone already.
    Wait(Duration),
}

impl Inner {
    fn look(self: &Arc<Self>, link: &Link) -> Look {
        let mut state = self.state();
        if state.closed {
            return Look::Failed(Error::Closed);
        }
        if let Some(live) = &state.live {
            return Look::Live(live.clone());
        }
        if let Some(attempt) = &state.attempt {
            return Look::Attempt(attempt.clone());
        }
        let now = Instant::now();
        if !state.pace.allows(now) {
            return match &state.failed {
                Some(error) => Look::Failed(error.clone()),
                None => Look::Wait(state.pace.wait(now)),
            };
        }
        state.pace.begin(now);
        state.number += 1;
        let (sender, receiver) = watch::channel(None);
        state.attempt = Some(receiver.clone());
        let (inner, number) = (Arc::clone(&link.0), state.number);
        drop(state);
        // on its own, so that it goes on when the caller that began it does not wait any more
        tokio::spawn(async move {
            let outcome = inner.connect(number).await;
            let outcome = inner.connected(outcome);
            sender.send_replace(Some(outcome));
        });
        Look::Attempt(receiver)
    }

    async fn connect(self: &Arc<Self>, number: u64) -> Result<Live, Error> {
        let lost = Arc::downgrade(self);
        let config = AsyncConnectionConfig::new()
            // the limits are ours
            .set_connection_timeout(None)
            .set_response_timeout(None)
            .set_push_sender(move |push: PushInfo| {
                if push.kind == PushKind::Disconnection
                    && let Some(inner) = lost.upgrade()
                {
                    inner.retire(number);
                }
                Ok::<_, redis::aio::SendError>(())
            });
        let opened = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        match timeout(self.limits.connect, opened).await {
            Ok(Ok(connection)) => Ok(Live {
                number,
                connection,
                answered: Arc::new(AtomicU64::new(self.age())),
            }),
            Ok(Err(error)) => Err(Error::unreachable(&error, &self.place)),
            Err(_) => Err(self.silent()),
        }
    }

    /// Notes the end of the attempt.
    fn connected(&self, outcome: Result<Live, Error>) -> Result<Live, Error> {
        let mut state = self.state();
        state.attempt = None;
        self.stats.attempted(outcome.is_ok());
        match &outcome {
            Ok(_) if state.closed => return Err(Error::Closed),
            Ok(live) => {
                state.pace.succeeded();
                if state.failed.take().is_some() {
                    tracing::info!(server.address = %self.place, "Redis can be reached again");
                }
                state.live = Some(live.clone());
            }
            Err(error) => {
                state.pace.failed(Instant::now(), chance());
                // once, not with every attempt
                if state.failed.is_none() {
                    tracing::warn!(server.address = %self.place, %error, "Redis cannot be reached");
                }
                state.failed = Some(error.clone());
            }
        }
        outcome
    }

    /// A connection is of no more use.
    fn retire(&self, number: u64) {
        let mut state = self.state();
        if state
            .live
            .as_ref()
            .is_some_and(|live| live.number == number)
        {
            state.live = None;
            tracing::warn!(server.address = %self.place, "the connection to Redis was lost");
        }
    }

    fn silent(&self) -> Error {
        Error::Unreachable {
            place: self.place.clone(),
            reason: format!("no connection within {:?}", self.limits.connect),
        }
    }

    fn age(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("place", &self.0.place)
            .field("is_live", &self.is_live())
            .finish_non_exhaustive()
    }
}
