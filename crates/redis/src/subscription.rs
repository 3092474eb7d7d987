//! Messages of channels.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use redis::aio::PubSub;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use crate::error::Error;
use crate::handle::Redis;
use crate::link::chance;

/// How many messages wait for a reader; what comes then is dropped.
const WAITING: usize = 1024;
/// How long after a failed attempt to listen the next one comes, before chance is added.
const PAUSE: Duration = Duration::from_millis(500);

/// Channels that are listened to, until it is dropped.
///
/// Messages may be missed while the connection is lost, and when they come faster than they are read; then
/// [`Event::Reconnected`] says so.
///
/// ```no_run
/// # async fn example(redis: atlas_redis::Redis) {
/// use atlas_redis::Event;
///
/// let mut news = redis.subscribe([redis.key("news")]).await;
/// while let Some(event) = news.next().await {
///     match event {
///         Event::Message(message) => println!("{} bytes", message.payload.len()),
///         Event::Reconnected => println!("look at everything once: some may have been missed"),
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Subscription {
    events: mpsc::Receiver<Event>,
    task: AbortHandle,
}

/// What a subscription says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody has published this.
    Message(Message),
    /// Messages may have been missed, and from now on they come again: look once at what they are about.
    Reconnected,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The channel that it was published on.
    pub channel: String,
    /// What was published.
    pub payload: Vec<u8>,
}

impl Subscription {
    pub(crate) async fn start(redis: Redis, channels: Vec<String>) -> Self {
        let limit = redis.limits().connect;
        let (sender, events) = mpsc::channel(WAITING);
        let (settled, first) = oneshot::channel();
        let closed = redis.closed();
        let listener = Listener {
            redis,
            channels,
            sender,
            missed: false,
        };
        let task = tokio::spawn(listener.run(closed, settled)).abort_handle();
        // what comes of it later is said by an event
        let _ = timeout(limit, first).await;
        Self { events, task }
    }

    /// The next event; `None` when the handle was closed.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }
}

impl Stream for Subscription {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.events.poll_recv(cx)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Listener {
    redis: Redis,
    channels: Vec<String>,
    sender: mpsc::Sender<Event>,
    /// Whether messages may have been missed that nobody has been told of.
    missed: bool,
}

impl Listener {
    async fn run(mut self, mut closed: watch::Receiver<bool>, settled: oneshot::Sender<()>) {
        tokio::select! {
            () = self.listen(settled) => {}
            _ = closed.wait_for(|closed| *closed) => {}
        }
    }

    async fn listen(&mut self, settled: oneshot::Sender<()>) {
        let mut settled = Some(settled);
        for turn in 0.. {
            match self.open(turn).await {
                Ok(connection) => {
                    if let Some(settled) = settled.take() {
                        // whoever did not wait any more was not listening for a while
                        self.missed |= settled.send(()).is_err();
                    }
                    self.tell_missed();
                    self.receive(connection).await;
                }
                Err(Error::Closed) => return,
                Err(error) => {
                    if settled.take().is_some() || !self.missed {
                        tracing::warn!(%error, "messages of Redis cannot be listened to");
                    }
                    sleep(self.pause().await).await;
                }
            }
            self.missed = true;
        }
    }

    async fn open(&self, turn: usize) -> Result<PubSub, Error> {
        let link = self.redis.any_link(turn).await?;
        let mut connection = link.listen().await?;
        let subscribed = connection.subscribe(&self.channels);
        match timeout(self.redis.limits().answer, subscribed).await {
            Ok(outcome) => outcome.map_err(|error| Error::of(&error, link.place()))?,
            Err(_) => {
                return Err(Error::Timeout {
                    place: link.place().to_owned(),
                    limit: self.redis.limits().answer,
                });
            }
        }
        Ok(connection)
    }

    /// As long as it takes until an attempt may succeed.
    async fn pause(&self) -> Duration {
        let own = PAUSE.mul_f64(1.0 + chance());
        match self.redis.any_link(0).await {
            Ok(link) => own.max(link.pause()),
            Err(_) => own,
        }
    }

    /// Passes messages on until the connection is lost. One that nothing comes from is asked for a sign of life: a peer that
    /// is gone may never say so.
    async fn receive(&mut self, connection: PubSub) {
        let limit = self.redis.limits().answer;
        let (mut asker, mut messages) = connection.split();
        loop {
            let next = std::future::poll_fn(|cx| Pin::new(&mut messages).poll_next(cx));
            match timeout(limit, next).await {
                Ok(Some(message)) => self.pass(Message {
                    channel: message.get_channel_name().to_owned(),
                    payload: message.get_payload_bytes().to_vec(),
                }),
                Ok(None) => return,
                Err(_) => match timeout(limit, asker.ping::<redis::Value>()).await {
                    Ok(Ok(_)) => self.tell_missed(),
                    _ => return,
                },
            }
        }
    }

    fn pass(&mut self, message: Message) {
        self.tell_missed();
        if self.missed || self.sender.try_send(Event::Message(message)).is_err() {
            self.missed = true;
        }
    }

    fn tell_missed(&mut self) {
        if self.missed {
            self.missed = self.sender.try_send(Event::Reconnected).is_err();
        }
    }
}
