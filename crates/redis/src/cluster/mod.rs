//! Redis Cluster: which server has which slot, and one [`Link`] to each.
//!
//! The cluster client of the crate `redis` sends a command again when its connection breaks, and stops all of its traffic
//! while it tries to connect to a server that is silent. Here a command is sent again only where a server said that it has
//! not executed it, and a dead server is nobody's concern but of those whose keys it has.

mod map;
pub(crate) mod slot;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::{Cmd, ConnectionAddr, ConnectionInfo, Pipeline, Value};
use tokio::task::JoinSet;

use self::map::Map;
use crate::error::Error;
use crate::link::{Limits, Link, Stats};

/// How often a command follows the server's word that it belongs elsewhere.
const REDIRECTS: usize = 5;
/// How long to wait when the server says that its slot is on the move.
const MOVING: Duration = Duration::from_millis(50);
/// The shortest time between two looks at who has which slot.
const REFRESH: Duration = Duration::from_millis(500);

/// The servers of a cluster. Clones share everything.
#[derive(Clone)]
pub(crate) struct Cluster(Arc<Inner>);

struct Inner {
    /// What all connections have in common.
    like: ConnectionInfo,
    seeds: Vec<Link>,
    limits: Limits,
    stats: Arc<Stats>,
    state: Mutex<State>,
    /// Held by the one who looks at who has which slot.
    looking: tokio::sync::Mutex<Option<Instant>>,
    closed: AtomicBool,
}

#[derive(Default)]
struct State {
    map: Map,
    links: BTreeMap<String, Link>,
}

/// What a command or pipeline does on one server.
enum Work<'a> {
    One(&'a Cmd),
    All(&'a Pipeline),
}

impl Cluster {
    /// A cluster that some servers are known of; none is connected to yet.
    pub(crate) fn new(
        seeds: &[ConnectionInfo],
        limits: Limits,
        stats: Arc<Stats>,
    ) -> Result<Self, redis::RedisError> {
        let links: Result<Vec<_>, _> = seeds
            .iter()
            .map(|info| Link::new(info, limits, Arc::clone(&stats)))
            .collect();
        let links = links?;
        let state = State {
            map: Map::default(),
            links: links
                .iter()
                .map(|link| (link.place().to_owned(), link.clone()))
                .collect(),
        };
        Ok(Self(Arc::new(Inner {
            like: seeds[0].clone(),
            seeds: links,
            limits,
            stats,
            state: Mutex::new(state),
            looking: tokio::sync::Mutex::default(),
            closed: AtomicBool::new(false),
        })))
    }

    pub(crate) async fn run(&self, cmd: &Cmd) -> Result<Value, Error> {
        self.perform(slot::of_command(cmd)?, &Work::One(cmd)).await
    }

    pub(crate) async fn run_all(&self, pipeline: &Pipeline) -> Result<Value, Error> {
        self.perform(slot::of_pipeline(pipeline)?, &Work::All(pipeline))
            .await
    }

    /// Any server, one that is connected if there is one; `turn` chooses among them.
    pub(crate) async fn any(&self, turn: usize) -> Result<Link, Error> {
        self.known().await?;
        let state = self.0.state();
        let masters: Vec<_> = state
            .map
            .places()
            .filter_map(|place| state.links.get(place))
            .collect();
        let live: Vec<_> = masters.iter().filter(|link| link.is_live()).collect();
        let chosen = match live.is_empty() {
            false => live.get(turn % live.len()).copied(),
            true => masters.get(turn % masters.len().max(1)),
        };
        chosen.map(|link| (*link).clone()).ok_or_else(nobody)
    }

    /// All servers that are known, connected or not.
    pub(crate) fn links(&self) -> Vec<Link> {
        self.0.state().links.values().cloned().collect()
    }

    pub(crate) fn close(&self) {
        self.0.closed.store(true, Ordering::Relaxed);
        for link in self.links() {
            link.close();
        }
    }

    async fn perform(&self, slot: Option<u16>, work: &Work<'_>) -> Result<Value, Error> {
        let mut link = match slot {
            Some(slot) => self.owner(slot).await?,
            None => self.any(0).await?,
        };
        let mut asked = false;
        for _ in 0..REDIRECTS {
            let outcome = match (work, asked) {
                (Work::One(cmd), false) => link.run(cmd).await,
                (Work::All(pipeline), false) => link.run_all(pipeline).await,
                (Work::One(cmd), true) => link.run_all(&asking([*cmd])).await.map(only),
                // a pipeline whose slot is on the move waits until it has arrived
                (Work::All(pipeline), true) => link.run_all(pipeline).await,
            };
            asked = false;
            match outcome {
                Err(Error::Refused { code, message }) => match code.as_str() {
                    "MOVED" => {
                        let (slot, place) = redirect(&message, &link).ok_or_else(nobody)?;
                        link = self.0.link(&place)?;
                        self.0.state().map.set(slot, &place);
                        self.refresh_behind();
                    }
                    "ASK" if matches!(work, Work::One(_)) => {
                        let (_, place) = redirect(&message, &link).ok_or_else(nobody)?;
                        link = self.0.link(&place)?;
                        asked = true;
                    }
                    "TRYAGAIN" | "ASK" => tokio::time::sleep(MOVING).await,
                    _ => {
                        if code == "CLUSTERDOWN" {
                            self.refresh_behind();
                        }
                        return Err(Error::Refused { code, message });
                    }
                },
                Err(error) => {
                    // another server may have taken over
                    if error.is_transient() {
                        self.refresh_behind();
                    }
                    return Err(error);
                }
                answer => return answer,
            }
        }
        Err(Error::Refused {
            code: "TRYAGAIN".to_owned(),
            message: "the slot of the key is on the move".to_owned(),
        })
    }

    /// The server that has a slot.
    async fn owner(&self, slot: u16) -> Result<Link, Error> {
        self.known().await?;
        let owner = self.0.state().map.owner(slot).map(str::to_owned);
        match owner {
            Some(place) => self.0.link(&place),
            None => {
                self.refresh_behind();
                Err(Error::Refused {
                    code: "CLUSTERDOWN".to_owned(),
                    message: "no server of the cluster has the slot of the key".to_owned(),
                })
            }
        }
    }

    /// Sees to it that something is known about who has which slot.
    async fn known(&self) -> Result<(), Error> {
        if self.0.closed.load(Ordering::Relaxed) {
            return Err(Error::Closed);
        }
        let is_unknown = self.0.state().map.is_empty();
        match is_unknown {
            true => self.refresh().await,
            false => Ok(()),
        }
    }

    fn refresh_behind(&self) {
        let cluster = self.clone();
        if cluster.0.looking.try_lock().is_ok() {
            tokio::spawn(async move {
                // whoever needs the answer asks again
                let _ = cluster.refresh().await;
            });
        }
    }

    /// Asks who has which slot; one caller for all who want to know, at most twice a second.
    async fn refresh(&self) -> Result<(), Error> {
        let mut looked = self.0.looking.lock().await;
        let is_fresh = looked.is_some_and(|at| at.elapsed() < REFRESH);
        if is_fresh && !self.0.state().map.is_empty() {
            return Ok(());
        }
        let map = self.look().await;
        *looked = Some(Instant::now());
        self.0.take(map?)
    }

    /// The map of the first server that answers: one that is connected, or else all are asked.
    async fn look(&self) -> Result<Map, Error> {
        let links = self.links();
        if let Some(link) = links.iter().find(|link| link.is_live())
            && let Ok(map) = map_of(link).await
        {
            return Ok(map);
        }
        let mut asked = JoinSet::new();
        for link in links {
            asked.spawn(async move { map_of(&link).await });
        }
        let mut last = nobody();
        while let Some(answer) = asked.join_next().await {
            match answer {
                Ok(Ok(map)) => return Ok(map),
                Ok(Err(error)) => last = error,
                Err(_) => {}
            }
        }
        Err(last)
    }
}

impl Inner {
    /// The link to a server, which may be new.
    fn link(&self, place: &str) -> Result<Link, Error> {
        if let Some(link) = self.state().links.get(place) {
            return Ok(link.clone());
        }
        if self.closed.load(Ordering::Relaxed) {
            return Err(Error::Closed);
        }
        let address = address_like(self.like.addr(), place).ok_or_else(nobody)?;
        let info = self.like.clone().set_addr(address);
        let link = Link::new(&info, self.limits, Arc::clone(&self.stats))
            .map_err(|error| Error::unreachable(&error, place))?;
        let mut state = self.state();
        Ok(state.links.entry(place.to_owned()).or_insert(link).clone())
    }

    /// Takes a new map, and lets go of the servers that are gone.
    fn take(&self, map: Map) -> Result<(), Error> {
        for place in map.places() {
            self.link(place)?;
        }
        let mut state = self.state();
        let is_seed = |place: &str| self.seeds.iter().any(|seed| seed.place() == place);
        state
            .links
            .retain(|place, _| map.places().any(|it| it == place) || is_seed(place));
        state.map = map;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("links", &self.links())
            .finish_non_exhaustive()
    }
}

async fn map_of(link: &Link) -> Result<Map, Error> {
    let answer = link.run(redis::cmd("CLUSTER").arg("SLOTS")).await?;
    Map::parse(&answer, host_of(link.place())).ok_or_else(nobody)
}

/// Where the server says that a slot is: `3999 127.0.0.1:6381`; one without a host is on the host of the one that was asked.
fn redirect(message: &str, asked: &Link) -> Option<(u16, String)> {
    let (slot, place) = message.split_once(' ')?;
    let place = match place.trim().strip_prefix(':') {
        Some(port) => format!("{}:{port}", host_of(asked.place())),
        None => place.trim().to_owned(),
    };
    Some((slot.parse().ok()?, place))
}

fn host_of(place: &str) -> &str {
    place.rsplit_once(':').map_or(place, |(host, _)| host)
}

/// The same way to connect, to another server.
fn address_like(like: &ConnectionAddr, place: &str) -> Option<ConnectionAddr> {
    let (host, port) = place.rsplit_once(':')?;
    let (host, port) = (host.to_owned(), port.parse().ok()?);
    Some(match like {
        ConnectionAddr::TcpTls {
            insecure,
            tls_params,
            ..
        } => ConnectionAddr::TcpTls {
            host,
            port,
            insecure: *insecure,
            tls_params: tls_params.clone(),
        },
        _ => ConnectionAddr::Tcp(host, port),
    })
}

/// The commands, for a server that is just getting their slot.
fn asking<'a>(commands: impl IntoIterator<Item = &'a Cmd>) -> Pipeline {
    let mut pipeline = redis::pipe();
    pipeline.cmd("ASKING").ignore();
    for cmd in commands {
        pipeline.add_command(cmd.clone());
    }
    pipeline
}

/// The one answer of a pipeline.
fn only(answers: Value) -> Value {
    match answers {
        Value::Array(mut all) if all.len() == 1 => all.remove(0),
        other => other,
    }
}

fn nobody() -> Error {
    Error::Refused {
        code: "CLUSTERDOWN".to_owned(),
        message: "no server of the cluster says who has which slot: is `redis.cluster` right?"
            .to_owned(),
    }
}
