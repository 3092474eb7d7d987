//! One test on every engine, each in a fresh database.

use atlas_db::{Db, DbConfig, Engine, sea_orm::ConnectionTrait};
use atlas_servers::{Address, Kind};
use tempfile::TempDir;

/// Runs the same body on SQLite, PostgreSQL, MariaDB and MySQL, as four tests of the module that it makes.
///
/// ```ignore
/// on_every_engine! {
///     async fn rows_are_counted(test: TestDb) {
///         test.db.execute_unprepared("CREATE TABLE t (id INT)").await.unwrap();
///     }
/// }
/// ```
///
/// The database is dropped when the body has returned, and kept when it has panicked. An engine that is absent is a loud
/// skip that is counted; `ATLAS_TEST_REQUIRE=postgres,mariadb` makes it a failure.
///
/// `on_every_server!` is the same without SQLite, for what only a connection over a network has.
macro_rules! on_every_engine {
    ($($(#[$attribute:meta])* async fn $name:ident($test:ident: TestDb) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "not every body needs what is around it")]
            use super::*;

            async fn body($test: &$crate::support::engines::TestDb) $body

            $crate::support::engines::on_every_engine!(@ body
                sqlite Sqlite, postgres Postgres, mariadb MariaDb, mysql MySql);
        }
    )+};
    (@servers $($(#[$attribute:meta])* async fn $name:ident($test:ident: TestDb) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "not every body needs what is around it")]
            use super::*;

            async fn body($test: &$crate::support::engines::TestDb) $body

            $crate::support::engines::on_every_engine!(@ body
                postgres Postgres, mariadb MariaDb, mysql MySql);
        }
    )+};
    (@ $body:ident $($name:ident $engine:ident),+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let Some(test) = $crate::support::engines::fresh(atlas_db::Engine::$engine).await else {
                return;
            };
            $body(&test).await;
            test.remove().await;
        }
    )+};
}

macro_rules! on_every_server {
    ($($tests:tt)+) => {
        $crate::support::engines::on_every_engine!(@servers $($tests)+);
    };
}

pub(crate) use {on_every_engine, on_every_server};

/// A database that nobody else uses.
pub(crate) struct TestDb {
    /// A handle of it.
    pub(crate) db: Db,
    /// Where it is.
    pub(crate) url: String,
    /// Which engine it is on.
    pub(crate) engine: Engine,
    place: Place,
}

enum Place {
    Folder(TempDir),
    Server { admin: String, name: String },
}

/// An empty database on an engine, or nothing when there is no such engine here.
pub(crate) async fn fresh(engine: Engine) -> Option<TestDb> {
    let (url, place) = if engine == Engine::Sqlite {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("test.sqlite");
        (
            format!("sqlite://{}", file.display()),
            Place::Folder(folder),
        )
    } else {
        let server = server(engine).await?;
        let name = name();
        run(&server.admin_url(), &engine.create_database(&name)).await;
        let (url, admin) = (server.url_of(&name), server.admin_url());
        (url, Place::Server { admin, name })
    };
    let db = Db::new(&DbConfig::at(&url)).unwrap();
    Some(TestDb {
        db,
        url,
        engine,
        place,
    })
}

impl TestDb {
    /// The handle, and in its database a table of notes and one of replies to them.
    pub(crate) async fn with_notes(&self) -> Db {
        super::note::create(&self.db).await;
        self.db.clone()
    }

    /// A handle that does not wait long.
    pub(crate) fn impatient(&self) -> Db {
        self.open(|config| {
            let wait = atlas_config::Duration::from_millis(50);
            (config.acquire_timeout, config.lock_timeout) = (wait, wait);
        })
    }

    /// Another handle of it, as another process would have, with its own configuration.
    pub(crate) fn open(&self, change: impl FnOnce(&mut DbConfig)) -> Db {
        let mut config = DbConfig::at(&self.url);
        change(&mut config);
        Db::new(&config).unwrap()
    }

    /// The URL of another database of the same server, for administration.
    pub(crate) fn admin(&self) -> &str {
        match &self.place {
            Place::Folder(_) => &self.url,
            Place::Server { admin, .. } => admin,
        }
    }

    /// The name of the database on its server.
    pub(crate) fn name(&self) -> &str {
        match &self.place {
            Place::Folder(_) => "",
            Place::Server { name, .. } => name,
        }
    }

    /// Drops the database.
    pub(crate) async fn remove(self) {
        self.db.close().await;
        match self.place {
            Place::Folder(folder) => folder.close().unwrap(),
            Place::Server { admin, name } => {
                let force = match self.engine {
                    Engine::Postgres => " WITH (FORCE)",
                    _ => "",
                };
                run(&admin, &format!("DROP DATABASE {name}{force}")).await;
            }
        }
    }
}

/// A server of this engine that all tests share, or nothing when there is none here: it was said and counted.
pub(crate) async fn server(engine: Engine) -> Option<Address> {
    // looking for a server, or starting one, blocks
    let kind = kind(engine);
    match tokio::task::spawn_blocking(move || atlas_servers::shared(kind))
        .await
        .unwrap()
    {
        Ok(server) => Some(server),
        Err(absent) => {
            atlas_servers::skipped(&absent);
            None
        }
    }
}

/// The engine as the servers of tests call it.
pub(crate) fn kind(engine: Engine) -> Kind {
    match engine {
        Engine::Postgres => Kind::Postgres,
        Engine::MariaDb => Kind::MariaDb,
        Engine::MySql => Kind::MySql,
        Engine::Sqlite => unreachable!("SQLite has no server"),
    }
}

/// A name that no other test has, in this process or in another one.
fn name() -> String {
    use std::time::{SystemTime, UNIX_EPOCH};
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!(
        "atlas_t_{:x}_{:x}_{next}",
        now.as_micros(),
        std::process::id()
    )
}

/// Runs SQL by a handle of its own.
pub(crate) async fn run(url: &str, sql: &str) {
    let config = DbConfig {
        max_connections: 1,
        ..DbConfig::at(url)
    };
    let db = Db::new(&config).unwrap();
    db.execute_unprepared(sql).await.unwrap();
    db.close().await;
}
