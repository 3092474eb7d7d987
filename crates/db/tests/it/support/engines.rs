//! One test on every engine, each in a fresh database.

use std::env;

use atlas_db::{Db, DbConfig, Engine, sea_orm::ConnectionTrait};
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

pub(crate) use on_every_engine;

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
        let url = server.replace("{database}", &name);
        let admin = server.replace("{database}", admin_database(engine));
        let create = match engine {
            Engine::Postgres => format!("CREATE DATABASE {name}"),
            Engine::MariaDb => format!("CREATE DATABASE {name} COLLATE utf8mb4_nopad_bin"),
            _ => format!("CREATE DATABASE {name} COLLATE utf8mb4_0900_bin"),
        };
        run(&admin, &create).await;
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

/// The URL of a server with `{database}` where the name of the database belongs.
async fn server(engine: Engine) -> Option<String> {
    let variable = match engine {
        Engine::Postgres => "ATLAS_TEST_POSTGRES_URL",
        Engine::MariaDb => "ATLAS_TEST_MARIADB_URL",
        _ => "ATLAS_TEST_MYSQL_URL",
    };
    let Ok(url) = env::var(variable) else {
        skipped(&format!("SKIPPED: no {engine} here; set {variable}"));
        return None;
    };
    let (start, _) = url.rsplit_once('/').unwrap();
    Some(format!("{start}/{{database}}"))
}

#[allow(clippy::print_stderr, reason = "a skip has to be seen")]
fn skipped(words: &str) {
    eprintln!("{words}");
}

fn admin_database(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "postgres",
        _ => "mysql",
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
