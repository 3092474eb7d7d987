//! A database without an app.

use std::sync::Arc;

use atlas::db::{Db, DbConfig, Engine, Migration};
use atlas_servers::Absent;

use super::fresh::{Trouble, fresh};
use super::hold::Hold;
use super::recipe::Recipe;
use crate::folder::Folder;

/// A migrated database of a test's own, for tests of repositories that need no app.
///
/// It is dropped with this, and kept when that is because of a panic: the command that opens it is printed then.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use atlas::db::{Engine, sea_orm::ConnectionTrait};
/// use atlas_test::TestDatabase;
///
/// let test = TestDatabase::fresh(Engine::Sqlite, Vec::new()).await?;
/// test.db().execute_unprepared("CREATE TABLE tea (name TEXT NOT NULL)").await?;
/// test.remove().await;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct TestDatabase {
    db: Db,
    config: DbConfig,
    hold: Hold,
    // last: the file goes when nobody needs it any more
    _folder: Folder,
}

impl TestDatabase {
    /// A database on an engine, with these migrations applied.
    ///
    /// # Errors
    /// [`Absent`] when there is no server for the engine; [`skipped`](atlas_servers::skipped) is what to do about it.
    ///
    /// # Panics
    /// When there is one, and the database cannot be made or migrated.
    #[allow(clippy::panic, reason = "a test without its database has failed")]
    pub async fn fresh(
        engine: Engine,
        migrations: Vec<Arc<dyn Migration>>,
    ) -> Result<Self, Absent> {
        let folder = Folder::new();
        let config = DbConfig::at("sqlite::memory:");
        let recipe = Recipe {
            name: "database",
            migrations,
            ..Recipe::empty(config.clone())
        };
        let fresh = match fresh(engine, &recipe, folder.path()).await {
            Ok(fresh) => fresh,
            Err(Trouble::Absent(absent)) => return Err(absent),
            Err(trouble) => panic!("{trouble}"),
        };
        let config = DbConfig {
            url: fresh.url,
            ..config
        };
        let db = Db::new(&config).unwrap_or_else(|error| panic!("{error}"));
        Ok(Self {
            db,
            config,
            hold: fresh.hold,
            _folder: folder,
        })
    }

    /// A handle of the database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.config.url
    }

    /// How to connect to it: the defaults of tests. Change what the test is about and pass it to [`Db::new`].
    pub fn config(&self) -> DbConfig {
        self.config.clone()
    }

    /// The command that opens it by hand.
    pub fn shell(&self) -> String {
        self.hold.shell()
    }

    /// Closes the handle and drops the database.
    pub async fn remove(self) {
        let Self {
            db, hold, _folder, ..
        } = self;
        db.close().await;
        hold.remove().await;
    }
}
