//! Where databases of an engine are made.

use std::path::{Path, PathBuf};

use atlas::db::sea_orm::ConnectionTrait;
use atlas::db::{Db, DbConfig, Engine};
use atlas_servers::{Absent, Address, Kind};

use super::fresh::Trouble;
use super::{choice, mysql, postgres};

/// A place for databases: a folder for SQLite, a server for the others.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Files,
    Server(Engine, Address),
}

impl Place {
    /// The place of an engine; the server is found or started.
    pub(super) async fn of(engine: Engine) -> Result<Self, Trouble> {
        choice::check_feature(engine).map_err(Trouble::Other)?;
        let kind = match engine {
            Engine::Sqlite => return Ok(Self::Files),
            Engine::Postgres => Kind::Postgres,
            Engine::MariaDb => Kind::MariaDb,
            Engine::MySql => Kind::MySql,
        };
        let address = blocking(move || atlas_servers::shared(kind)).await?;
        Ok(Self::Server(engine, address.map_err(Trouble::from)?))
    }

    /// The folder of notes about the databases here, and of the templates that are files.
    pub(super) fn notes(&self) -> Result<PathBuf, Trouble> {
        let folder = match self {
            Self::Files => atlas_servers::checkout_folder().map(|folder| folder.join("sqlite")),
            Self::Server(_, address) => address.notes(),
        }
        .map_err(Trouble::Other)?;
        std::fs::create_dir_all(&folder).map_err(|error| Trouble::file(&folder, &error))?;
        Ok(folder)
    }

    /// The URL of a database; SQLite's are in `folder`.
    pub(super) fn url_of(&self, name: &str, folder: &Path) -> String {
        match self {
            Self::Files => format!("sqlite://{}", file(folder, name).display()),
            Self::Server(_, address) => address.url_of(name),
        }
    }

    /// The command that opens a database by hand.
    pub(super) fn shell_of(&self, name: &str, folder: &Path) -> String {
        match self {
            Self::Files => format!("sqlite3 {}", file(folder, name).display()),
            Self::Server(_, address) => address.shell_of(name),
        }
    }

    /// Makes an empty database; a file makes itself.
    pub(super) async fn create(&self, name: &str) -> Result<(), Trouble> {
        match self {
            Self::Files => Ok(()),
            Self::Server(engine, address) => {
                let sql = match engine {
                    Engine::Postgres => postgres::create(name),
                    engine => engine.create_database(&format!("`{name}`")),
                };
                administer(address, &[sql]).await
            }
        }
    }

    /// Removes a database, whoever is connected to it; it need not exist.
    pub(super) async fn drop(&self, name: &str) -> Result<(), Trouble> {
        match self {
            Self::Files => Ok(()),
            Self::Server(Engine::Postgres, address) => {
                administer(address, &[postgres::drop(name)]).await
            }
            Self::Server(_, address) => mysql::drop(address, name).await,
        }
    }
}

impl From<Absent> for Trouble {
    fn from(absent: Absent) -> Self {
        Self::Absent(absent)
    }
}

/// The file of a database.
pub(super) fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.sqlite"))
}

/// A connection for what no single database is concerned with.
pub(super) fn administrator(address: &Address) -> Result<Db, Trouble> {
    let config = DbConfig {
        max_connections: 1,
        ..DbConfig::at(address.admin_url())
    };
    Db::new(&config).map_err(|error| Trouble::Other(error.to_string()))
}

/// Runs statements as the administrator.
pub(super) async fn administer(address: &Address, statements: &[String]) -> Result<(), Trouble> {
    let db = administrator(address)?;
    let mut outcome = Ok(());
    for statement in statements {
        outcome = db.execute_unprepared(statement).await.map(drop);
        if outcome.is_err() {
            break;
        }
    }
    db.close().await;
    outcome.map_err(|error| Trouble::Other(error.to_string()))
}

/// Runs what waits for others without stopping the tasks beside it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Trouble> {
    let task = tokio::task::spawn_blocking(work).await;
    task.map_err(|error| Trouble::Other(error.to_string()))
}
