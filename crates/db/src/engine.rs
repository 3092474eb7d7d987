//! The engines by name.

use std::fmt;

use sea_orm::DbBackend;

/// The engines a database handle can stand on, for words and for what only one of them has.
///
/// Code that asks for the engine runs differently on each: the queries of SeaORM and SeaQuery do not have to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// SQLite: a file of this machine, or memory.
    Sqlite,
    /// PostgreSQL 15 or later.
    Postgres,
    /// MySQL 8.0 or later.
    MySql,
    /// MariaDB 10.11 or later.
    MariaDb,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sqlite, Self::Postgres, Self::MySql, Self::MariaDb];

    /// The name telemetry knows it by (`db.system.name` of the OpenTelemetry conventions).
    pub const fn system(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
            Self::MySql => "mysql",
            Self::MariaDb => "mariadb",
        }
    }

    /// The name people know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::MariaDb => "MariaDB",
        }
    }

    /// The SQL dialect; MySQL and MariaDB share one.
    pub const fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
            Self::MySql | Self::MariaDb => DbBackend::MySql,
        }
    }

    /// The statement that makes a database, in which texts compare as they do on the other engines: by their letters, case
    /// and trailing spaces included. The name goes in as it is, so whoever does not choose it quotes it.
    ///
    /// ```
    /// # use atlas_db::Engine;
    /// assert_eq!(Engine::Postgres.create_database("shop"), "CREATE DATABASE shop");
    /// ```
    pub fn create_database(self, name: &str) -> String {
        let collation = match self {
            Self::MariaDb => " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            Self::MySql => " CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
            Self::Sqlite | Self::Postgres => "",
        };
        format!("CREATE DATABASE {name}{collation}")
    }

    /// Says whether a failed migration leaves nothing behind: the engine can undo definitions of tables.
    pub const fn undoes_definitions(self) -> bool {
        matches!(self, Self::Sqlite | Self::Postgres)
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
