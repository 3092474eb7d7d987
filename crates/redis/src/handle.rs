//! What services hold.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use atlas_core::{Component, Diagnostic};
use redis::{
    Cmd, ConnectionAddr, ConnectionInfo, FromRedisValue, IntoConnectionInfo, Pipeline, ToRedisArgs,
    Value,
};
use tokio::sync::watch;

use crate::cluster::Cluster;
use crate::config::RedisConfig;
use crate::diagnostics;
use crate::error::Error;
use crate::link::{Limits, Link, Stats};
use crate::script::Script;
use crate::subscription::Subscription;

/// A handle of Redis, one server or a cluster. Clones share its connections.
///
/// Nothing is connected before the first command. Every command ends within `redis.connect_timeout` and
/// `redis.response_timeout`; in a cluster it may be sent on to another server, at most five times. While a server cannot be
/// reached, commands fail at once, and one in half a second or more tries to connect anew. No command is sent twice.
#[derive(Clone)]
pub struct Redis(Arc<Inner>);

struct Inner {
    servers: Servers,
    infos: Vec<ConnectionInfo>,
    place: String,
    prefix: String,
    limits: Limits,
    stats: Arc<Stats>,
    closed: watch::Sender<bool>,
}

#[derive(Debug)]
enum Servers {
    One(Link),
    Many(Cluster),
}

impl Component for Redis {}

impl Redis {
    /// A handle for the configured Redis. Nothing is connected yet.
    ///
    /// # Errors
    /// A220 when the URL is none of Redis, or names several servers without `redis.cluster`.
    pub fn new(config: &RedisConfig) -> Result<Self, Diagnostic> {
        let infos = infos(config).map_err(|problem| diagnostics::bad_url(config, &problem))?;
        if infos.iter().any(is_encrypted) {
            // whoever chose another one before was right to do so
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let limits = Limits {
            connect: config.connect_timeout.get(),
            answer: config.response_timeout.get(),
        };
        let stats = Arc::new(Stats::default());
        let servers = servers(&infos, config.cluster, limits, &stats)
            .map_err(|error| diagnostics::bad_url(config, &words(&error)))?;
        let places: Vec<_> = infos.iter().map(|info| info.addr().to_string()).collect();
        Ok(Self(Arc::new(Inner {
            servers,
            infos,
            place: places.join(", "),
            prefix: config.prefix.clone(),
            limits,
            stats,
            closed: watch::Sender::new(false),
        })))
    }

    /// A handle of the same Redis with connections of its own, which belong to the runtime that uses it first: for work that
    /// must go on while those of this handle, or the threads of its runtime, are busy. It is counted with this one, and
    /// [closed](Self::close) by itself.
    ///
    /// # Errors
    /// [`Error::Unreachable`] when no connection can be prepared, which a handle that was made has ruled out.
    pub fn aside(&self) -> Result<Self, Error> {
        let Inner { infos, limits, .. } = &*self.0;
        let stats = Arc::clone(&self.0.stats);
        let servers = servers(infos, self.is_cluster(), *limits, &stats)
            .map_err(|error| Error::unreachable(&error, &self.0.place))?;
        Ok(Self(Arc::new(Inner {
            servers,
            infos: infos.clone(),
            place: self.0.place.clone(),
            prefix: self.0.prefix.clone(),
            limits: *limits,
            stats,
            closed: watch::Sender::new(false),
        })))
    }

    /// Where it is, as configured: hosts and ports.
    pub fn place(&self) -> &str {
        &self.0.place
    }

    /// Whether it is a cluster, where the keys of one command must have the same tag.
    pub fn is_cluster(&self) -> bool {
        matches!(self.0.servers, Servers::Many(_))
    }

    /// The name of a key or channel with the configured `redis.prefix` before it.
    pub fn key(&self, name: &str) -> String {
        format!("{}{name}", self.0.prefix)
    }

    /// Runs a command.
    ///
    /// # Errors
    /// Any [`Error`]; within the configured limits.
    pub async fn run<T: FromRedisValue>(&self, cmd: &Cmd) -> Result<T, Error> {
        typed(self.value(cmd).await?)
    }

    /// Runs commands with one round trip; as one step if the pipeline is [atomic](Pipeline::atomic). In a cluster their
    /// keys must have the same tag.
    ///
    /// # Errors
    /// Any [`Error`]; that of the first command that failed, though the others may have been executed.
    pub async fn run_all<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T, Error> {
        let answers = match &self.0.servers {
            Servers::One(link) => link.run_all(pipeline).await,
            Servers::Many(cluster) => cluster.run_all(pipeline).await,
        };
        typed(answers?)
    }

    /// Calls a script; a server that does not know it yet learns it by the way. In a cluster its keys must have the same tag,
    /// and there must be one. Several arguments are a tuple or a slice, none are `None::<&str>`.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn call<T: FromRedisValue>(
        &self,
        script: &Script,
        keys: &[impl ToRedisArgs],
        arguments: impl ToRedisArgs,
    ) -> Result<T, Error> {
        let answer = match self.value(&script.by_hash(keys, &arguments)).await {
            Err(error) if error.code() == Some("NOSCRIPT") => {
                self.value(&script.by_code(keys, &arguments)).await
            }
            answer => answer,
        };
        typed(answer?)
    }

    /// Sends a message to all who are subscribed to a channel now; returns how many of them are on the server that it was sent
    /// to. Nobody keeps it for those who are not.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn publish(&self, channel: &str, payload: impl ToRedisArgs) -> Result<u64, Error> {
        self.run(redis::cmd("PUBLISH").arg(channel).arg(payload))
            .await
    }

    /// Listens to channels, on a connection of its own that is opened anew when it is lost.
    ///
    /// Returns when it listens. If it cannot within `redis.connect_timeout`, it returns too, goes on trying, and says
    /// [`Event::Reconnected`](crate::Event::Reconnected) when it does listen.
    pub async fn subscribe<C: Into<String>>(
        &self,
        channels: impl IntoIterator<Item = C>,
    ) -> Subscription {
        let channels = channels.into_iter().map(Into::into).collect();
        Subscription::start(self.clone(), channels).await
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn ping(&self) -> Result<(), Error> {
        self.value(&redis::cmd("PING")).await.map(drop)
    }

    /// The time of the server, to a microsecond; in a cluster that of any one.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn server_time(&self) -> Result<SystemTime, Error> {
        let (seconds, microseconds): (u64, u32) = self.run(&redis::cmd("TIME")).await?;
        let since = Duration::new(seconds, microseconds.saturating_mul(1000).min(999_999_999));
        Ok(UNIX_EPOCH + since)
    }

    /// Ends all subscriptions, and lets the connections go when the commands that are on their way have their answers.
    /// Later commands fail with [`Error::Closed`].
    pub fn close(&self) {
        self.0.closed.send_replace(true);
        match &self.0.servers {
            Servers::One(link) => link.close(),
            Servers::Many(cluster) => cluster.close(),
        }
    }

    /// A server that messages can be had from; all servers of a cluster have all of them.
    pub(crate) async fn any_link(&self, turn: usize) -> Result<Link, Error> {
        match &self.0.servers {
            Servers::One(link) => Ok(link.clone()),
            Servers::Many(cluster) => cluster.any(turn).await,
        }
    }

    /// All servers that are known.
    pub(crate) fn links(&self) -> Vec<Link> {
        match &self.0.servers {
            Servers::One(link) => vec![link.clone()],
            Servers::Many(cluster) => cluster.links(),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.0.limits
    }

    pub(crate) fn stats(&self) -> &Stats {
        &self.0.stats
    }

    /// Becomes true when the handle is closed.
    pub(crate) fn closed(&self) -> watch::Receiver<bool> {
        self.0.closed.subscribe()
    }

    async fn value(&self, cmd: &Cmd) -> Result<Value, Error> {
        match &self.0.servers {
            Servers::One(link) => link.run(cmd).await,
            Servers::Many(cluster) => cluster.run(cmd).await,
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("servers", &self.0.servers)
            .finish_non_exhaustive()
    }
}

fn servers(
    infos: &[ConnectionInfo],
    cluster: bool,
    limits: Limits,
    stats: &Arc<Stats>,
) -> Result<Servers, redis::RedisError> {
    match cluster {
        true => Cluster::new(infos, limits, Arc::clone(stats)).map(Servers::Many),
        false => Link::new(&infos[0], limits, Arc::clone(stats)).map(Servers::One),
    }
}

fn typed<T: FromRedisValue>(value: Value) -> Result<T, Error> {
    let found = name_of(&value);
    T::from_redis_value(value).map_err(|_| Error::Type {
        wanted: std::any::type_name::<T>(),
        found,
    })
}

/// What a value is, without its contents.
fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Nil => "nothing",
        Value::Int(_) => "an integer",
        Value::BulkString(_) | Value::SimpleString(_) | Value::VerbatimString { .. } => "a string",
        Value::Okay => "`OK`",
        Value::Array(_) | Value::Set(_) => "a list",
        Value::Map(_) => "a map",
        Value::Double(_) => "a number",
        Value::Boolean(_) => "a boolean",
        _ => "something else",
    }
}

/// How to connect to each of the configured servers.
fn infos(config: &RedisConfig) -> Result<Vec<ConnectionInfo>, String> {
    let infos: Result<Vec<_>, String> = config
        .urls()
        .map(|url| url.into_connection_info().map_err(|error| words(&error)))
        .collect();
    let infos = infos?;
    let databases = infos.iter().map(|info| info.redis_settings().db());
    match (config.cluster, infos.len()) {
        (true, _) if databases.clone().any(|number| number != 0) => {
            Err("a cluster has no numbered databases".to_owned())
        }
        (false, 2..) => Err(
            "it names several servers, which only a cluster has: set `redis.cluster = true`"
                .to_owned(),
        ),
        _ => Ok(infos),
    }
}

fn is_encrypted(info: &ConnectionInfo) -> bool {
    matches!(info.addr(), ConnectionAddr::TcpTls { .. })
}

/// What is wrong with a URL. The details may repeat parts of it, and so of a password.
fn words(error: &redis::RedisError) -> String {
    let text = error.to_string();
    let summary = text.split(" - ").next().unwrap_or_default();
    let mut letters = summary.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => "it cannot be read".to_owned(),
    }
}
