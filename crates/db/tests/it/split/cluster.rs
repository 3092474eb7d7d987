//! A primary and its replicas, as processes of one test.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use atlas_db::{
    Db, DbConfig, Engine, ReplicaStatus,
    sea_orm::{ConnectionTrait, DbErr, Statement},
};
use atlas_servers::{Kind, Options, Replica, Server, skipped};

/// Runs the same body against replicas of PostgreSQL, MariaDB and MySQL, as three tests of the module that it makes.
macro_rules! on_every_cluster {
    ($(#[$attribute:meta])* async fn $name:ident($cluster:ident: $replicas:literal) $body:block) => {
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn body($cluster: &$crate::split::cluster::Cluster) $body

            $crate::split::cluster::on_every_cluster!(@ body $replicas
                postgres Postgres, mariadb MariaDb, mysql MySql);
        }
    };
    (@ $body:ident $replicas:literal $($name:ident $kind:ident),+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $name() {
            let kind = atlas_servers::Kind::$kind;
            if let Some(cluster) = $crate::split::cluster::Cluster::start(kind, $replicas).await {
                $body(&cluster).await;
            }
        }
    )+};
}

pub(super) use on_every_cluster;

/// A primary, its replicas, and a table of counters.
pub(super) struct Cluster {
    pub(super) primary: Server,
    pub(super) replicas: Vec<Replica>,
}

/// The port of the server that answers: nobody knows it better.
const PORT: &str = "SELECT {port}";

impl Cluster {
    pub(super) async fn start(kind: Kind, replicas: usize) -> Option<Self> {
        let options = Options::new()
            .replicated()
            .setting_of_mysql(kind, "log-bin-trust-function-creators");
        let primary = match Server::start_with(kind, options) {
            Ok(server) => server,
            Err(absent) => {
                skipped(&absent);
                return None;
            }
        };
        if kind != Kind::Postgres {
            primary.run("CREATE DATABASE postgres").unwrap();
        }
        let replicas = (0..replicas).map(|_| primary.standby().unwrap()).collect();
        let cluster = Self { primary, replicas };
        let db = Db::new(&DbConfig::at(cluster.url())).unwrap();
        db.execute_unprepared("CREATE TABLE counters (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)")
            .await
            .unwrap();
        db.execute_unprepared("INSERT INTO counters VALUES (0, 0)")
            .await
            .unwrap();
        db.close().await;
        cluster.catch_up();
        Some(cluster)
    }

    pub(super) fn catch_up(&self) {
        for replica in &self.replicas {
            replica.catch_up(&self.primary).unwrap();
        }
    }

    pub(super) fn url(&self) -> String {
        self.primary.url_of("postgres")
    }

    pub(super) fn config(&self) -> DbConfig {
        let replicas = self.replicas.iter().map(|it| it.url_of("postgres"));
        DbConfig {
            replicas: replicas.collect(),
            // a machine under load answers late, which takes a replica out, and most tests are not about that
            replica_check_interval: atlas_config::Duration::from_secs(20),
            max_lag: atlas_config::Duration::from_secs(60),
            ..DbConfig::at(self.url())
        }
    }

    /// A handle, once all its replicas are in the rotation.
    pub(super) async fn db(&self) -> Db {
        self.db_with(|_| {}).await
    }

    pub(super) async fn db_with(&self, change: impl FnOnce(&mut DbConfig)) -> Db {
        let mut config = self.config();
        change(&mut config);
        let db = Db::new(&config).unwrap();
        db.ping().await.unwrap();
        until("the replicas to be in the rotation", || {
            db.replicas().iter().all(|it| it.in_rotation)
        })
        .await;
        db
    }

    pub(super) fn primary_port(&self) -> i64 {
        self.primary.port().into()
    }

    pub(super) fn replica_ports(&self) -> Vec<i64> {
        self.replicas.iter().map(|it| it.port().into()).collect()
    }
}

trait SettingOfMySql {
    fn setting_of_mysql(self, kind: Kind, name: &str) -> Self;
}

impl SettingOfMySql for Options {
    fn setting_of_mysql(self, kind: Kind, name: &str) -> Self {
        match kind {
            Kind::Postgres => self,
            _ => self.setting(name, 1),
        }
    }
}

/// How long a condition may take to come true; nothing is proven by it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until something is so.
pub(super) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A statement in the dialect of a handle: `{port}` is the port of the server that runs it.
pub(super) fn sql(db: &impl ConnectionTrait, text: &str) -> Statement {
    let backend = db.get_database_backend();
    let port = match backend {
        atlas_db::sea_orm::DbBackend::Postgres => "inet_server_port()::bigint",
        _ => "CAST(@@port AS SIGNED)",
    };
    Statement::from_string(backend, text.replace("{port}", port))
}

/// The first column of the first row.
pub(super) async fn number(db: &impl ConnectionTrait, text: &str) -> Result<i64, DbErr> {
    let row = db.query_one_raw(sql(db, text)).await?.unwrap();
    row.try_get_by_index(0)
}

/// The port of the server that answers a read.
pub(super) async fn port(db: &impl ConnectionTrait) -> i64 {
    number(db, PORT).await.unwrap()
}

/// How many of a hundred reads each server answers, by port.
pub(super) async fn ports(db: &Db) -> BTreeMap<i64, usize> {
    let mut ports = BTreeMap::new();
    for _ in 0..100 {
        *ports.entry(port(db).await).or_default() += 1;
    }
    ports
}

/// Waits until these servers, and no others, answer a hundred reads in a row: a check that is answered late, on a busy
/// machine, takes a replica out for a moment.
pub(super) async fn until_served_by(db: &Db, servers: &[i64]) {
    let mut expected = servers.to_vec();
    expected.sort_unstable();
    let began = Instant::now();
    loop {
        let seen: Vec<i64> = ports(db).await.into_keys().collect();
        if seen == expected {
            return;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "{seen:?} answer, not {expected:?}: {:?}",
            db.replicas()
        );
    }
}

pub(super) fn in_rotation(db: &Db) -> Vec<bool> {
    db.replicas()
        .iter()
        .map(|it: &ReplicaStatus| it.in_rotation)
        .collect()
}

/// A name for words.
pub(super) fn engine(db: &Db) -> Engine {
    db.engine()
}
