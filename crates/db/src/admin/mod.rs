//! Databases as a whole: made, removed, looked into with the engine's own client, written to a file.

mod client;
mod diagnostics;
mod dump;
mod files;
mod server;
mod url;

use std::process::Command;

use atlas_config::Profile;
use atlas_core::{Component, Diagnostic};

pub use self::client::MissingClient;
pub(crate) use self::server::Server;
use self::{client::Client, files::Files, url::ServerUrl};
use crate::{
    Db, DbConfig,
    diagnostics::{bad_url, unreachable},
    symptom::Symptom,
};

/// The configured database as a whole, for the commands `db …`.
#[derive(Clone, Debug)]
pub struct Admin {
    config: DbConfig,
    profile: Profile,
    target: Target,
}

impl Component for Admin {}

/// What the URL names.
#[derive(Clone, Debug)]
enum Target {
    /// Nothing outside of this process.
    Memory,
    Files(Files),
    Server(Box<ServerUrl>),
}

impl Admin {
    /// Reads the URL; opens nothing.
    ///
    /// # Errors
    ///
    /// A202 when the URL is malformed or names an engine that this build has no driver for.
    pub fn new(config: DbConfig, profile: Profile) -> Result<Self, Diagnostic> {
        // whatever it refuses is refused here in the same words
        drop(Db::new(&config)?);
        let refused = |problem: String| bad_url(&config.url, &problem);
        let target = match config.url.split_once(':').map_or("", |(scheme, _)| scheme) {
            "sqlite" => Files::parse(&config.url)
                .map_err(refused)?
                .map_or(Target::Memory, Target::Files),
            _ => Target::Server(Box::new(ServerUrl::parse(&config.url).map_err(refused)?)),
        };
        Ok(Self {
            config,
            profile,
            target,
        })
    }

    /// The profile, which decides what may be removed.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Where the database is, for words; never a password.
    pub fn place(&self) -> String {
        match &self.target {
            Target::Memory => "memory".to_owned(),
            Target::Files(files) => files.main.display().to_string(),
            Target::Server(url) => url.place(),
        }
    }

    /// Says whether the database exists.
    ///
    /// # Errors
    ///
    /// A206 when its server cannot be asked.
    pub async fn exists(&self) -> Result<bool, Diagnostic> {
        match &self.target {
            Target::Memory => Ok(true),
            Target::Files(files) => Ok(files.main.exists()),
            Target::Server(url) => {
                let server = Server::connect(&self.config, url).await?;
                server.finish(server.has(&url.database).await).await
            }
        }
    }

    /// Makes the database, empty, unless it exists; says whether it did.
    ///
    /// # Errors
    ///
    /// A206 when its server or folder does not allow that.
    pub async fn create(&self) -> Result<bool, Diagnostic> {
        match &self.target {
            Target::Memory => Ok(false),
            Target::Files(files) if files.main.exists() => Ok(false),
            Target::Files(_) => {
                let db = Db::new(&self.config)?;
                let made = db.ping().await;
                db.close().await;
                made.map(|()| true).map_err(|error| unreachable(&db, error))
            }
            Target::Server(url) => {
                let server = Server::connect(&self.config, url).await?;
                server.finish(server.create(&url.database).await).await
            }
        }
    }

    /// Removes the database with everything in it; says whether there was one.
    ///
    /// # Errors
    ///
    /// A216 in production, and when others use it: on PostgreSQL when they are connected to it, on SQLite when they have its
    /// file open and hold a lock on it, as the services of Atlas do. MySQL and MariaDB do not ask. A206 when its server cannot
    /// be asked or refuses.
    pub async fn remove(&self) -> Result<bool, Diagnostic> {
        self.guard()?;
        match &self.target {
            Target::Memory => Ok(false),
            Target::Files(files) => {
                let refused = |words: &str| diagnostics::not_removed(&self.place(), words);
                if files.are_in_use().await {
                    return Err(refused("other programs have it open"));
                }
                files.remove().map_err(|error| refused(&error.to_string()))
            }
            Target::Server(url) => {
                let server = Server::connect(&self.config, url).await?;
                let removed = server.remove(&url.database).await;
                server
                    .finish(removed.map_err(|error| {
                        if error.symptom() == Symptom::InUse {
                            let words = "other programs are connected to it";
                            return Err(diagnostics::not_removed(&url.place(), words));
                        }
                        Ok(error)
                    }))
                    .await
            }
        }
    }

    /// Refuses what may not happen to the data of production.
    ///
    /// # Errors
    ///
    /// A216 in production.
    pub fn guard(&self) -> Result<(), Diagnostic> {
        if self.profile.is_production() {
            return Err(diagnostics::protected(&self.place()));
        }
        Ok(())
    }

    /// The engine's own client, connected to the database: `sqlite3`, `psql`, `mariadb` or `mysql`. A password goes through
    /// its environment, never through its arguments.
    ///
    /// # Errors
    ///
    /// When it is not installed, or the database lives in memory.
    pub fn console(&self) -> Result<Command, MissingClient> {
        match &self.target {
            Target::Memory => Err(MissingClient::memory()),
            Target::Files(files) => Client::sqlite(files),
            Target::Server(url) => Client::console(url),
        }
    }

    /// The program that writes the database as SQL to its standard output, `pg_dump`, `mariadb-dump` or `mysqldump`; none
    /// for SQLite, which needs no program: see [`dump`](Self::dump).
    ///
    /// # Errors
    ///
    /// When it is not installed.
    pub fn dump_program(&self, schema_only: bool) -> Result<Option<Command>, MissingClient> {
        match &self.target {
            Target::Memory | Target::Files(_) => Ok(None),
            Target::Server(url) => Client::dump(url, schema_only).map(Some),
        }
    }

    /// Writes a SQLite database as SQL that makes it anew, page by page, all from one moment. Those who write to it
    /// meanwhile do not wait.
    ///
    /// A virtual table is written as such, with its rows; what its module keeps in tables of its own is left out. The rows
    /// of one that keeps only an index of them (`fts5` without content) cannot be read: a comment says so in their place.
    ///
    /// # Errors
    ///
    /// A206 when it cannot be read, or what `write` returns when it fails.
    pub async fn dump(
        &self,
        schema_only: bool,
        write: impl FnMut(&str) -> std::io::Result<()> + Send,
    ) -> Result<(), Diagnostic> {
        let db = Db::new(&self.config)?;
        let done = dump::sqlite(&db, schema_only, write).await;
        db.close().await;
        done.map_err(|error| unreachable(&db, error))
    }

    /// On a server: what a database beside the configured one is called.
    pub(crate) fn beside(&self, suffix: &str) -> Option<(ServerUrl, String)> {
        let Target::Server(url) = &self.target else {
            return None;
        };
        // PostgreSQL cuts names at 63 bytes
        let room = 63_usize.saturating_sub(suffix.len());
        let mut name = url.database.clone();
        while name.len() > room {
            name.pop();
        }
        Some(((**url).clone(), name + suffix))
    }
}
