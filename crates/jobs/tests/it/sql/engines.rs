//! One test on every engine, each with a store in a database of its own.

use atlas_db::{Db, DbConfig, Engine, Migrations, sea_orm::ConnectionTrait};
use atlas_jobs::sql::{SqlStore, tables};
use atlas_servers::Kind;
use tempfile::TempDir;

/// Runs the same body on SQLite, PostgreSQL, MariaDB and MySQL, as four tests of the module that it makes.
macro_rules! on_every_store {
    ($($(#[$attribute:meta])* async fn $name:ident($test:ident: TestStore) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "not every body needs what is around it")]
            use super::*;

            async fn body($test: &$crate::sql::engines::TestStore) $body

            $crate::sql::engines::on_every_store!(@ sqlite Sqlite);
            $crate::sql::engines::on_every_store!(@ postgres Postgres);
            $crate::sql::engines::on_every_store!(@ mariadb MariaDb);
            $crate::sql::engines::on_every_store!(@ mysql MySql);
        }
    )+};
    (@ $name:ident $engine:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            if let Some(test) = $crate::sql::engines::fresh(atlas_db::Engine::$engine).await {
                body(&test).await;
                test.remove().await;
            }
        }
    };
}

pub(crate) use on_every_store;

/// A database with the tables of jobs that nobody else uses.
pub(crate) struct TestStore {
    pub(crate) db: Db,
    pub(crate) store: SqlStore,
    pub(crate) engine: Engine,
    pub(crate) url: String,
    /// The folder of the file.
    _folder: Option<TempDir>,
    admin: Option<(String, String)>,
}

/// A new database on an engine, or nothing when there is no such engine here: it was said and counted.
pub(crate) async fn fresh(engine: Engine) -> Option<TestStore> {
    let (mut folder, mut admin) = (None, None);
    let url = if engine == Engine::Sqlite {
        let own = TempDir::new().unwrap();
        let url = format!("sqlite://{}", own.path().join("jobs.sqlite").display());
        folder = Some(own);
        url
    } else {
        let kind = match engine {
            Engine::Postgres => Kind::Postgres,
            Engine::MariaDb => Kind::MariaDb,
            _ => Kind::MySql,
        };
        let found = tokio::task::spawn_blocking(move || atlas_servers::shared(kind)).await;
        let server = match found.unwrap() {
            Ok(server) => server,
            Err(absent) => {
                atlas_servers::skipped(&absent);
                return None;
            }
        };
        let name = format!("atlas_t_{}", uuid::Uuid::now_v7().simple());
        // one in which texts are compared as they are where nobody has thought of it
        run(&server.admin_url(), &format!("CREATE DATABASE {name}")).await;
        let url = server.url_of(&name);
        admin = Some((server.admin_url(), name));
        url
    };
    let db = Db::new(&patient(&url)).unwrap();
    let migrations = Migrations::new(db.clone(), vec![tables()]).unwrap();
    migrations.up().await.unwrap();
    Some(TestStore {
        store: SqlStore::new(db.clone()),
        db,
        engine,
        url,
        _folder: folder,
        admin,
    })
}

/// Many wait for each other on a slow machine: how long is no question here.
fn patient(url: &str) -> DbConfig {
    DbConfig {
        acquire_timeout: super::LONG.into(),
        lock_timeout: super::LONG.into(),
        ..DbConfig::at(url)
    }
}

impl TestStore {
    /// A store on another handle, as another process has.
    pub(crate) fn another(&self, change: impl FnOnce(&mut DbConfig)) -> SqlStore {
        let mut config = patient(&self.url);
        change(&mut config);
        SqlStore::new(Db::new(&config).unwrap())
    }

    /// Drops the database.
    pub(crate) async fn remove(self) {
        self.db.close().await;
        if let Some((admin, name)) = self.admin {
            let force = match self.engine {
                Engine::Postgres => " WITH (FORCE)",
                _ => "",
            };
            run(&admin, &format!("DROP DATABASE {name}{force}")).await;
        }
    }
}

/// Runs SQL by a handle of its own.
async fn run(url: &str, sql: &str) {
    let config = DbConfig {
        max_connections: 1,
        ..DbConfig::at(url)
    };
    let db = Db::new(&config).unwrap();
    db.execute_unprepared(sql).await.unwrap();
    db.close().await;
}
