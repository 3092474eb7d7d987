//! A connection that listens.

use std::{
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sqlx::{
    Executor,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::Connector;
use crate::{Db, Notice, driver::Ear};

/// How often a message to oneself shows that messages come through.
const EVERY: Duration = Duration::from_secs(15);
/// How long it may take.
const ECHO: Duration = Duration::from_secs(5);
/// How long a new connection, and a sign of life, may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pauses between attempts to connect.
const AWAY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(2));
/// Pauses between attempts where connections can be had, and no message arrives: a pooler stays one.
const MUTE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));
/// How many notices a listener may be behind.
const KEPT: usize = 1024;

/// Listens on channels, in a task that ends with what this returns. Returns when the first attempt is over.
pub(crate) async fn listen(connector: &Connector, db: &Db, channels: Vec<String>) -> Box<dyn Ear> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let (tells, notices) = mpsc::channel(KEPT);
    let (first, tried) = oneshot::channel();
    let listening = Listening {
        options: connector.options().clone(),
        channels,
        echo: format!("atlas_echo_{:x}_{next:x}", process::id()),
        db: db.clone(),
        tells,
        first: Some(first),
        is_deaf: false,
    };
    let hearing = Hearing {
        notices,
        task: tokio::spawn(listening.run()),
    };
    tried.await.ok();
    Box::new(hearing)
}

/// What a listener has of its task.
struct Hearing {
    notices: mpsc::Receiver<Notice>,
    task: JoinHandle<()>,
}

#[async_trait::async_trait]
impl Ear for Hearing {
    async fn next(&mut self) -> Notice {
        match self.notices.recv().await {
            Some(notice) => notice,
            // the runtime of the task has ended
            None => std::future::pending().await,
        }
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A listener on the connections that these options open.
struct Listening {
    options: PgConnectOptions,
    channels: Vec<String>,
    /// The channel of messages to oneself.
    echo: String,
    /// What sends them: another connection, as all who are to be heard have.
    db: Db,
    tells: mpsc::Sender<Notice>,
    /// Whom the end of the first attempt is told.
    first: Option<oneshot::Sender<()>>,
    /// It was said that nothing is heard.
    is_deaf: bool,
}

/// A connection that is over, or was never of use.
struct End {
    why: String,
    /// It has heard something.
    heard: bool,
    /// It was there, and no message came.
    mute: bool,
}

impl Listening {
    /// Listens for ever, on one connection after the other.
    async fn run(mut self) {
        let (mut away, mut mute) = (AWAY.0, MUTE.0);
        loop {
            let end = match self.open().await {
                Ok(line) => self.hear(line).await,
                Err(error) => End {
                    why: format!("the server cannot be listened to: {error}"),
                    heard: false,
                    mute: false,
                },
            };
            tracing::debug!(target: "atlas::db", why = end.why, "a connection that listens is over");
            if end.heard {
                (away, mute) = (AWAY.0, MUTE.0);
                // most are back at once
                sleep(away).await;
                continue;
            }
            if !self.is_deaf {
                self.is_deaf = true;
                self.tell(Notice::Deaf { why: end.why }).await;
            }
            self.tried();
            let (pause, longest) = match end.mute {
                true => (&mut mute, MUTE.1),
                false => (&mut away, AWAY.1),
            };
            sleep(*pause).await;
            *pause = (*pause * 2).min(longest);
        }
    }

    async fn open(&self) -> sqlx::Result<Line> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(self.options.clone());
        let mut line = Line(Some(PgListener::connect_with(&pool).await?));
        let listener = line.listener();
        listener.ignore_pool_close_event(true);
        let channels = self.channels.iter().chain([&self.echo]);
        let listening = listener.listen_all(channels.map(String::as_str));
        match timeout(PATIENCE, listening).await {
            Ok(listens) => listens.map(|()| line),
            Err(_) => Err(sqlx::Error::PoolTimedOut),
        }
    }

    /// Passes on what comes on a connection, until it is of no use any more.
    async fn hear(&mut self, mut line: Line) -> End {
        let mut heard = false;
        let over = |heard, mute, why: &str| End {
            why: why.to_owned(),
            heard,
            mute,
        };
        // until when there has to be an echo, or when the next one is sent
        let (mut is_awaited, mut until) = (false, Instant::now());
        loop {
            match timeout_at(until, line.listener().try_recv()).await {
                Ok(Ok(Some(message))) if message.channel() == self.echo => {
                    (is_awaited, until) = (false, Instant::now() + EVERY);
                    if !heard {
                        heard = true;
                        self.hears().await;
                    }
                }
                Ok(Ok(Some(message))) => {
                    let began = Instant::now();
                    self.tell(Notice::Message {
                        channel: message.channel().to_owned(),
                        payload: message.payload().to_owned(),
                    })
                    .await;
                    // while nobody took it, nothing was read
                    until += began.elapsed();
                }
                Ok(Ok(None)) => return over(heard, false, "the connection was lost"),
                Ok(Err(error)) => return over(heard, false, &error.to_string()),
                Err(_) if is_awaited => {
                    return over(
                        heard,
                        true,
                        "no message arrives: a pooler between the service and the server may give each \
                         transaction another connection",
                    );
                }
                Err(_) => match timeout(PATIENCE, self.call()).await {
                    Ok(Ok(())) => (is_awaited, until) = (true, Instant::now() + ECHO),
                    // the pool may be busy
                    Ok(Err(_)) | Err(_) if heard && line.is_alive().await => {
                        until = Instant::now() + EVERY;
                    }
                    Ok(Err(error)) => return over(heard, false, &error.to_string()),
                    Err(_) => return over(heard, false, "no message could be sent in time"),
                },
            }
        }
    }

    /// Sends a message to oneself.
    async fn call(&self) -> crate::Result<()> {
        let call = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_notify($1, '')",
            [self.echo.as_str().into()],
        );
        self.db.on_primary(self.db.query_one_raw(call)).await?;
        Ok(())
    }

    /// Messages come through.
    async fn hears(&mut self) {
        self.is_deaf = false;
        if self.first.is_some() {
            return self.tried();
        }
        self.tell(Notice::Gap).await;
    }

    fn tried(&mut self) {
        if let Some(first) = self.first.take() {
            first.send(()).ok();
        }
    }

    /// Tells the listener something; one that is far behind, that it has missed something.
    async fn tell(&self, notice: Notice) {
        if self.tells.try_send(notice).is_err() {
            self.tells.send(Notice::Gap).await.ok();
        }
    }
}

/// A connection that listens, until it is dropped.
struct Line(Option<PgListener>);

impl Line {
    fn listener(&mut self) -> &mut PgListener {
        self.0.as_mut().expect("it is taken when it is dropped")
    }

    async fn is_alive(&mut self) -> bool {
        let asked = timeout(PATIENCE, self.listener().execute("SELECT 1")).await;
        matches!(asked, Ok(Ok(_)))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // the driver says good-bye in a task, and there is nobody to run it
        if Handle::try_current().is_err() {
            std::mem::forget(self.0.take());
        }
    }
}
