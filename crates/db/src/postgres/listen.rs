//! A connection that listens.

use std::{
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use sqlx::{
    Executor,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

use super::Connector;
use crate::{
    Db, Notice,
    driver::{Ear, statements::failed},
};

/// After so much silence the connection is asked for a sign of life.
const SILENCE: Duration = Duration::from_secs(15);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a message to oneself may take. Poolers that lose it would be waited for in vain.
const ECHO: Duration = Duration::from_secs(2);
/// Pauses between attempts to connect.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// A listener on the connections that these options open.
struct Listening {
    options: PgConnectOptions,
    channels: Vec<String>,
    listener: Option<PgListener>,
}

/// Listens on channels; fails unless a message gets through.
///
/// # Errors
///
/// When no connection can be had, or no message arrives.
pub(crate) async fn listen(
    connector: &Connector,
    db: &Db,
    channels: Vec<String>,
) -> Result<Box<dyn Ear>, DbErr> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let echo = format!("atlas_echo_{:x}_{next:x}", process::id());
    let mut listening = Listening {
        options: connector.options().clone(),
        channels,
        listener: None,
    };
    let mut listener = listening.open(Some(&echo)).await.map_err(failed)?;
    let call = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_notify($1, '')",
        [echo.as_str().into()],
    );
    db.on_primary(db.query_one_raw(call)).await?;
    let heard = timeout(ECHO, async {
        loop {
            match listener.try_recv().await {
                Ok(Some(message)) if message.channel() == echo => return Ok(true),
                Ok(Some(_)) => {}
                Ok(None) => return Ok(false),
                Err(error) => return Err(failed(error)),
            }
        }
    });
    if !heard.await.unwrap_or(Ok(false))? {
        return Err(DbErr::BackendNotSupported {
            db: "postgresql",
            ctx: "no message arrives: a pooler between the service and the server gives each transaction another \
                  connection",
        });
    }
    listener.unlisten(&echo).await.map_err(failed)?;
    listening.listener = Some(listener);
    Ok(Box::new(listening))
}

impl Listening {
    async fn open(&self, echo: Option<&str>) -> sqlx::Result<PgListener> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(self.options.clone());
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.ignore_pool_close_event(true);
        let channels = self.channels.iter().map(String::as_str).chain(echo);
        listener.listen_all(channels).await?;
        Ok(listener)
    }

    async fn reopen(&self) -> PgListener {
        let (mut pause, longest) = PAUSES;
        loop {
            match self.open(None).await {
                Ok(listener) => return listener,
                Err(error) => {
                    tracing::debug!(target: "atlas::db", %error, "the server cannot be listened to");
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }
}

#[async_trait::async_trait]
impl Ear for Listening {
    async fn next(&mut self) -> Notice {
        loop {
            let Some(listener) = &mut self.listener else {
                self.listener = Some(self.reopen().await);
                return Notice::Gap;
            };
            let alive = match timeout(SILENCE, listener.try_recv()).await {
                Ok(Ok(Some(message))) => {
                    return Notice::Message {
                        channel: message.channel().to_owned(),
                        payload: message.payload().to_owned(),
                    };
                }
                Ok(_) => false,
                // a peer that is gone without a word is silent for ever
                Err(_) => {
                    let asked = timeout(PATIENCE, listener.execute("SELECT 1")).await;
                    matches!(asked, Ok(Ok(_)))
                }
            };
            if !alive {
                self.listener = None;
            }
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // the driver says good-bye in a task, and there is nobody to run it
        if Handle::try_current().is_err() {
            std::mem::forget(self.listener.take());
        }
    }
}
