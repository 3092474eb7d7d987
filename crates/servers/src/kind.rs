//! The servers that can be had.

use std::fmt;

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// PostgreSQL.
    Postgres,
    /// MariaDB.
    MariaDb,
    /// MySQL, the one of Oracle.
    MySql,
    /// Redis.
    Redis,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Postgres, Self::MariaDb, Self::MySql, Self::Redis];

    /// Those that speak SQL.
    pub const DATABASES: [Self; 3] = [Self::Postgres, Self::MariaDb, Self::MySql];

    /// Its name in a sentence: `PostgreSQL`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::MySql => "MySQL",
            Self::Redis => "Redis",
        }
    }

    /// Its name in a variable's value and in a path: `postgres`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MariaDb => "mariadb",
            Self::MySql => "mysql",
            Self::Redis => "redis",
        }
    }

    /// The kind that `ATLAS_TEST_REQUIRE` means by this word.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "postgres" | "postgresql" => Some(Self::Postgres),
            "mariadb" => Some(Self::MariaDb),
            "mysql" => Some(Self::MySql),
            "redis" => Some(Self::Redis),
            _ => None,
        }
    }

    /// The scheme of its URLs.
    pub(crate) fn scheme(self) -> &'static str {
        self.word()
    }

    pub(crate) fn accepts(self, scheme: &str) -> bool {
        match self {
            Self::Postgres => matches!(scheme, "postgres" | "postgresql"),
            Self::MariaDb | Self::MySql => matches!(scheme, "mysql" | "mariadb"),
            Self::Redis => scheme == "redis",
        }
    }

    pub(crate) fn port(self) -> u16 {
        match self {
            Self::Postgres => 5432,
            Self::MariaDb | Self::MySql => 3306,
            Self::Redis => 6379,
        }
    }

    /// The variable `ATLAS_TEST_…_SUFFIX` about this kind.
    pub(crate) fn variable(self, suffix: &str) -> String {
        format!("ATLAS_TEST_{}_{suffix}", self.word().to_uppercase())
    }

    /// What to do to have it.
    pub(crate) fn way_out(self) -> &'static str {
        match self {
            Self::Postgres => "on Debian `apt-get install postgresql`",
            Self::MariaDb => "on Debian `apt-get install mariadb-server`",
            Self::MySql => "in a checkout of Atlas `cargo xtask servers mysql`",
            Self::Redis => "on Debian `apt-get install redis-server`",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
