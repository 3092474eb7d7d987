//! A store of a case's own.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result};
use atlas_db::{Db, DbConfig, Durability, Migrations, sea_orm::ConnectionTrait};
use atlas_jobs::{
    RedisStore,
    sql::{SqlStore, tables},
    store::Store as Port,
};
use atlas_redis::{Redis, RedisConfig};
use atlas_servers::{Absent, Kind, Server};

/// The connections of a process to its database, without those of the heartbeats and the one that listens.
pub const CONNECTIONS: u32 = 4;

/// The stores that are hurt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
    /// A server.
    MariaDb,
    /// A server.
    MySql,
    /// A server; effects go to a file.
    Redis,
}

impl Store {
    /// The server that keeps it; a file has none.
    #[must_use]
    pub fn server(self) -> Option<Kind> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(Kind::Postgres),
            Self::MariaDb => Some(Kind::MariaDb),
            Self::MySql => Some(Kind::MySql),
            Self::Redis => Some(Kind::Redis),
        }
    }
}

/// A store of a case's own: all processes of the case open it by its URL.
#[derive(Debug)]
pub struct Place {
    url: String,
    /// The database of the effects.
    effects: String,
    admin: Option<(String, String)>,
}

impl Place {
    /// Makes an empty store; a file lies in this folder.
    ///
    /// # Errors
    ///
    /// When there is no such server here, in the inner result; when it does not work, in the outer one.
    pub async fn make(store: Store, folder: &Path) -> Result<Result<Self, Absent>> {
        let Some(kind) = store.server() else {
            let place = Self::local(file(folder), file(folder));
            place.fill().await?;
            return Ok(Ok(place));
        };
        let server = tokio::task::spawn_blocking(move || atlas_servers::shared(kind)).await?;
        let server = match server {
            Ok(server) => server,
            Err(absent) => return Ok(Err(absent)),
        };
        let place = match store {
            Store::Redis => {
                let url = format!("{}#{}", server.admin_url(), server.prefix());
                Self::local(url, file(folder))
            }
            _ => Self::database(&server.admin_url(), |name| server.url_of(name)).await?,
        };
        place.fill().await?;
        Ok(Ok(place))
    }

    /// Makes an empty store in a server of the case's own, which takes it along when it goes.
    ///
    /// # Errors
    ///
    /// When it does not work.
    pub async fn on(server: &Server, folder: &Path) -> Result<Self> {
        let mut place = match server.kind() {
            Kind::Redis => Self::local(format!("{}#crash:", server.admin_url()), file(folder)),
            _ => Self::database(&server.admin_url(), |name| server.url_of(name)).await?,
        };
        place.fill().await?;
        place.admin = None;
        Ok(place)
    }

    /// The same store by another way: what went to the port `from` goes to the port `to`.
    #[must_use]
    pub fn through(&self, from: u16, to: u16) -> Self {
        let turned = |url: &str| url.replacen(&format!(":{from}/"), &format!(":{to}/"), 1);
        Self::local(turned(&self.url), turned(&self.effects))
    }

    async fn database(admin: &str, url_of: impl Fn(&str) -> String) -> Result<Self> {
        let name = format!("atlas_c_{:016x}", fastrand::u64(..));
        run(admin, &format!("CREATE DATABASE {name}")).await?;
        Ok(Self {
            url: url_of(&name),
            effects: url_of(&name),
            admin: Some((admin.to_owned(), name)),
        })
    }

    /// One that needs no removing.
    fn local(url: String, effects: String) -> Self {
        Self {
            url,
            effects,
            admin: None,
        }
    }

    async fn fill(&self) -> Result<()> {
        let db = self.db()?;
        let migrations = Migrations::new(db.clone(), vec![tables()])?;
        migrations.up().await?;
        // nothing here keeps an effect or an order from being there twice: that is what is to be seen
        for table in ["effects", "orders"] {
            let sql = format!("CREATE TABLE {table} (job CHAR(36) NOT NULL)");
            db.execute_unprepared(&sql).await?;
        }
        db.close().await;
        Ok(())
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the effects are: in the same database, if it is one.
    #[must_use]
    pub fn effects(&self) -> &str {
        &self.effects
    }

    /// A handle of the database of the effects.
    ///
    /// # Errors
    ///
    /// When the URL is none.
    pub fn db(&self) -> Result<Db> {
        open(&self.effects)
    }

    /// The store.
    ///
    /// # Errors
    ///
    /// When the URL is none.
    pub fn store(&self) -> Result<Arc<dyn Port>> {
        store(&self.url, &self.db()?)
    }

    /// Removes it from its server.
    ///
    /// # Errors
    ///
    /// When the server refuses.
    pub async fn remove(self) -> Result<()> {
        let Some((admin, name)) = self.admin else {
            return Ok(());
        };
        let force = match admin.starts_with("postgres") {
            true => " WITH (FORCE)",
            false => "",
        };
        run(&admin, &format!("DROP DATABASE {name}{force}")).await
    }
}

/// The store of a URL: the database, or what the fragment says of a Redis.
pub(super) fn store(url: &str, db: &Db) -> Result<Arc<dyn Port>> {
    let Some((url, prefix)) = url.split_once('#') else {
        return Ok(Arc::new(SqlStore::new(db.clone())));
    };
    let config = RedisConfig {
        prefix: prefix.to_owned(),
        ..RedisConfig::at(url)
    };
    Ok(Arc::new(RedisStore::new(Redis::new(&config)?)))
}

fn file(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("jobs.sqlite").display())
}

/// A handle of the database of a case.
pub(super) fn open(url: &str) -> Result<Db> {
    let mut config = DbConfig::at(url);
    if !url.starts_with("sqlite") {
        // a server may be killed, and then what it has answered must be there
        config.durability = Durability::Full;
        config.max_connections = CONNECTIONS;
    }
    Db::new(&config).context("the URL of the case")
}

async fn run(url: &str, sql: &str) -> Result<()> {
    let db = open(url)?;
    db.execute_unprepared(sql).await?;
    db.close().await;
    Ok(())
}
