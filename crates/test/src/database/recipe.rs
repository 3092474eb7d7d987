//! What a database has in it before a test gets it.

use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use atlas::config::Profile;
use atlas::db::{Db, DbConfig, Migration, Migrations, Seed, Seeds};

use super::fresh::Trouble;

/// Migrations and seeds, and for whom.
pub(crate) struct Recipe {
    /// The app.
    pub(crate) name: &'static str,
    pub(crate) profile: Profile,
    /// How the service connects; all but the URL.
    pub(crate) config: DbConfig,
    pub(crate) migrations: Vec<Arc<dyn Migration>>,
    /// Rows that every test begins with.
    pub(crate) seeds: Vec<Seed>,
    /// Rows that this test begins with, since it has changed parts of the app that may have a say in them.
    pub(crate) own_seeds: Vec<Seed>,
}

impl Recipe {
    /// A database without a schema.
    pub(crate) fn empty(config: DbConfig) -> Self {
        Self {
            name: "empty",
            profile: Profile::Test,
            config,
            migrations: Vec::new(),
            seeds: Vec::new(),
            own_seeds: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.migrations.is_empty() && self.seeds.is_empty()
    }

    /// The name of its template: another one as soon as anything that goes into it may have changed. Code is known by the
    /// program it is compiled into, files by their times.
    pub(super) fn key(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (self.name, self.profile.name()).hash(&mut hasher);
        if let Ok(program) = std::env::current_exe() {
            identity(&program).hash(&mut hasher);
        }
        for folder in ["migrations", "seeds"] {
            files(Path::new(folder), &mut hasher);
        }
        for migration in &self.migrations {
            migration.name().hash(&mut hasher);
        }
        for seed in &self.seeds {
            seed.name().hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }

    /// Migrates and seeds the database at `url`.
    pub(super) async fn cook(&self, url: &str) -> Result<(), Trouble> {
        self.with_db(url, async |db| {
            let migrations = Migrations::new(db.clone(), self.migrations.clone())?;
            migrations.up().await?;
            let seeds = Seeds::new(db, self.seeds.clone()).force_production();
            seeds.run(self.profile).await
        })
        .await
    }

    /// Adds the rows of this test alone.
    pub(super) async fn season(&self, url: &str) -> Result<(), Trouble> {
        if self.own_seeds.is_empty() {
            return Ok(());
        }
        self.with_db(url, async |db| {
            let seeds = Seeds::new(db, self.own_seeds.clone()).force_production();
            seeds.run(self.profile).await
        })
        .await
    }

    async fn with_db<T>(
        &self,
        url: &str,
        work: impl AsyncFnOnce(Db) -> Result<T, atlas::core::Diagnostic>,
    ) -> Result<(), Trouble> {
        let config = DbConfig {
            url: url.to_owned(),
            replicas: Vec::new(),
            ..self.config.clone()
        };
        let failed = |error: atlas::core::Diagnostic| Trouble::Other(error.to_string());
        let db = Db::new(&config).map_err(failed)?;
        let outcome = work(db.clone()).await;
        db.close().await;
        outcome.map(drop).map_err(failed)
    }
}

type Identity = (std::path::PathBuf, u64, Option<SystemTime>);

fn identity(path: &Path) -> Option<Identity> {
    let of = |data: Metadata| (path.to_owned(), data.len(), data.modified().ok());
    std::fs::metadata(path).ok().map(of)
}

fn files(folder: &Path, hasher: &mut DefaultHasher) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        match path.is_dir() {
            true => files(&path, hasher),
            false => identity(&path).hash(hasher),
        }
    }
}
