//! Databases that live for one comparison.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

use atlas_config::Profile;
use atlas_core::Diagnostic;

use super::diagnostics;
use crate::{
    Db, DbConfig,
    admin::{Admin, Server},
};

/// An empty database on the engine of the configured one.
pub(super) struct Scratch {
    pub(super) db: Db,
    /// On a server: who removes it, and its name.
    server: Option<(Server, String)>,
}

impl Scratch {
    /// Makes one: in memory with SQLite, on the server of the configured one otherwise.
    pub(super) async fn new(config: &DbConfig) -> Result<Self, Diagnostic> {
        let random = RandomState::new().build_hasher().finish();
        let suffix = format!("_atlas_diff_{random:016x}");
        let admin = Admin::new(config.clone(), Profile::Test)?;
        let Some((url, name)) = admin.beside(&suffix) else {
            return Ok(Self {
                db: Db::new(&at(config, "sqlite::memory:".to_owned()))?,
                server: None,
            });
        };
        let server = Server::connect(config, &url).await?;
        if let Err(error) = server.create(&name).await {
            let refused = diagnostics::no_scratch(&admin.place(), &name, error);
            return server.finish(Err(Err(refused))).await;
        }
        Ok(Self {
            db: Db::new(&at(config, url.of(&name)))?,
            server: Some((server, name)),
        })
    }

    /// Removes it. A failure is logged: the comparison is done by then.
    pub(super) async fn remove(self) {
        self.db.close().await;
        if let Some((server, name)) = self.server {
            let removed = server.remove(&name).await;
            if let Err(error) = server.finish(removed).await {
                tracing::warn!(target: "atlas::db", %error, database = name, "a scratch database was left behind");
            }
        }
    }
}

/// The configuration with another place.
fn at(config: &DbConfig, url: String) -> DbConfig {
    DbConfig {
        url,
        replicas: Vec::new(),
        ..config.clone()
    }
}
