//! A Redis Cluster of one test's own.

use std::time::{Duration, Instant};

use crate::absent::Absent;
use crate::kind::Kind;
use crate::options::Options;
use crate::place;
use crate::server::Server;

const SLOTS: u32 = 16_384;
const SERVERS: u32 = 3;

/// Three servers that have a third of the slots each, in order, and no replicas. When one is dead the others go on.
///
/// Each is a [`Server`]: it can be killed, paused and brought back.
#[derive(Debug)]
pub struct RedisCluster {
    servers: Vec<Server>,
}

impl RedisCluster {
    /// Starts one, and waits until its servers know each other. Needs Redis 7.
    ///
    /// # Errors
    /// [`Absent`] when Redis is not installed; [wrong](Absent::is_wrong) when it does not work.
    pub fn start() -> Result<Self, Absent> {
        let wrong = |why: String| Absent::wrong(Kind::Redis, why);
        let mut servers = Vec::new();
        for _ in 0..SERVERS {
            let options = Options::new()
                .setting("cluster-enabled", "yes")
                .setting("cluster-config-file", "nodes.conf")
                .setting("cluster-port", place::free_port().map_err(wrong)?)
                .setting("cluster-node-timeout", 1000)
                .setting("cluster-require-full-coverage", "no");
            servers.push(Server::start_with(Kind::Redis, options)?);
        }
        let cluster = Self { servers };
        cluster.join().map_err(wrong)?;
        Ok(cluster)
    }

    /// Its servers.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The URLs of all of them, as `redis.url` takes them.
    pub fn url(&self) -> String {
        let urls: Vec<_> = self.servers.iter().map(url).collect();
        urls.join(",")
    }

    /// The server that a key's slot began on.
    ///
    /// # Errors
    /// When no server answers.
    pub fn owner(&self, key: &str) -> Result<&Server, String> {
        let ask = format!("CLUSTER KEYSLOT {key}");
        let answer = self.servers.iter().find_map(|server| server.run(&ask).ok());
        let slot: u32 = answer
            .as_ref()
            .and_then(|rows| rows.first()?.parse().ok())
            .ok_or("no server of the cluster answers")?;
        let index = (0..SERVERS).find(|index| slot <= last(*index));
        Ok(&self.servers[index.unwrap_or_default() as usize])
    }

    /// Gives the slot of a key to another server at once, with nothing of what is in it; clients find out by themselves.
    ///
    /// # Errors
    /// What a server says.
    pub fn give(&self, key: &str, to: &Server) -> Result<(), String> {
        let one = |command: &str| {
            let rows = to.run(command)?;
            Ok::<_, String>(rows.first().unwrap_or_default().to_owned())
        };
        let slot = one(&format!("CLUSTER KEYSLOT {key}"))?;
        let name = one("CLUSTER MYID")?;
        // the new owner first, or the old one would say that it is still its own
        let others = self
            .servers
            .iter()
            .filter(|server| server.port() != to.port());
        for server in std::iter::once(to).chain(others) {
            server.run(&format!("CLUSTER SETSLOT {slot} NODE {name}"))?;
        }
        Ok(())
    }

    fn join(&self) -> Result<(), String> {
        for (index, server) in (0..SERVERS).zip(&self.servers) {
            let first = index.checked_sub(1).map_or(0, |before| last(before) + 1);
            server.run(&format!("CLUSTER ADDSLOTSRANGE {first} {}", last(index)))?;
            server.run(&format!("CLUSTER SET-CONFIG-EPOCH {}", index + 1))?;
        }
        for server in &self.servers[1..] {
            let bus = setting(server, "cluster-port")?;
            let port = server.port();
            self.servers[0].run(&format!("CLUSTER MEET 127.0.0.1 {port} {bus}"))?;
        }
        let began = Instant::now();
        while !self.servers.iter().all(is_joined) {
            if began.elapsed() > Duration::from_secs(60) {
                return Err("its servers have not found each other within 60 s".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// The last slot of a server.
fn last(index: u32) -> u32 {
    (index + 1) * SLOTS / SERVERS - 1
}

fn url(server: &Server) -> String {
    format!("redis://127.0.0.1:{}", server.port())
}

fn setting(server: &Server, name: &str) -> Result<String, String> {
    let rows = server.run(&format!("CONFIG GET {name}"))?;
    let value = rows.0.get(1).and_then(|row| row.first()?.clone());
    value.ok_or_else(|| format!("it has no setting `{name}`"))
}

/// Whether a server knows who has each slot.
fn is_joined(server: &Server) -> bool {
    let Ok(info) = server.run("CLUSTER INFO") else {
        return false;
    };
    let info = info.first().unwrap_or_default();
    [
        "cluster_state:ok",
        "cluster_slots_ok:16384",
        "cluster_known_nodes:3",
    ]
    .iter()
    .all(|line| info.contains(line))
}
