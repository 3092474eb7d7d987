//! How a connection to a MySQL or MariaDB server is opened.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use sea_orm::{DbErr, RuntimeErr};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, MySql, MySqlConnection, SqlStr,
    mysql::MySqlConnectOptions,
};

use super::{Target, transaction};
use crate::{
    driver::{Bounds, Driver, statements::statement_methods},
    engine::Engine,
    pool::Connect,
    statement::{Operation, Prepared},
    symptom::outdated,
    transaction::Begin,
};

/// What a statement may not do silently: cut text, round numbers out of range to the nearest, store days that are none,
/// choose another storage engine. `||` joins texts, as it does elsewhere.
const STRICT: &str = "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,\
                      ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT";

/// Opens connections.
pub(crate) struct Connector {
    options: MySqlConnectOptions,
    bounds: Bounds,
    expected: Engine,
    /// What the server said it is: 0 before it has, 1 MySQL, 2 MariaDB.
    found: AtomicU8,
}

impl Connector {
    /// A connector for a database.
    pub(super) fn new(target: &Target, bounds: &Bounds) -> Self {
        Self {
            options: target
                .options
                .clone()
                .statement_cache_capacity(bounds.statement_cache)
                .disable_statement_logging(),
            bounds: *bounds,
            expected: target.engine,
            found: AtomicU8::new(0),
        }
    }

    /// Which of the two the server is; before it was asked, which the URL says.
    pub(crate) fn engine(&self) -> Engine {
        match self.found.load(Ordering::Relaxed) {
            0 => self.expected,
            1 => Engine::MySql,
            _ => Engine::MariaDb,
        }
    }

    async fn open(&self) -> sqlx::Result<MySqlConnection> {
        let mut connection = self.options.connect().await?;
        if self.found.load(Ordering::Relaxed) == 0 {
            let (version, collation): (String, String) =
                sqlx::query_as("SELECT VERSION(), @@collation_database")
                    .fetch_one(&mut connection)
                    .await?;
            let found = supported(&version)?;
            // texts of the catalog are not those of a service
            if self.options.get_database() != Some("information_schema") {
                warn_of(&collation);
            }
            let found = if found == Engine::MariaDb { 2 } else { 1 };
            self.found.store(found, Ordering::Relaxed);
        }
        connection.execute(AssertSqlSafe(self.setup())).await?;
        Ok(connection)
    }

    /// The settings of a session. The driver has set the time zone to UTC and the character set to `utf8mb4`.
    fn setup(&self) -> String {
        // the servers count whole seconds, and refuse none
        let lock = self.bounds.lock_timeout.as_secs_f64().ceil().max(1.0);
        let limit = self.bounds.limits.statement_timeout.unwrap_or_default();
        let limit = match self.engine() {
            Engine::MariaDb => format!("max_statement_time = {:.3}", limit.as_secs_f64()),
            _ => format!("max_execution_time = {}", limit.as_millis()),
        };
        format!(
            "SET SESSION sql_mode = '{STRICT}', SESSION innodb_lock_wait_timeout = {lock}, \
             SESSION lock_wait_timeout = {lock}, SESSION {limit}"
        )
    }
}

/// Which of the two a version is of.
fn supported(version: &str) -> sqlx::Result<Engine> {
    let mut numbers = version.split(|letter: char| !letter.is_ascii_digit());
    let mut number = || {
        numbers
            .next()
            .and_then(|it| it.parse::<u32>().ok())
            .unwrap_or(0)
    };
    let found = (number(), number());
    let (engine, oldest, words) = if version.contains("MariaDB") {
        (Engine::MariaDb, (10, 11), "10.11")
    } else {
        (Engine::MySql, (8, 0), "8.0")
    };
    if found < oldest {
        return Err(outdated(format!("{engine} {}.{}", found.0, found.1), words));
    }
    Ok(engine)
}

/// A database in which texts are equal that are not, elsewhere, is nothing to keep silent about.
fn warn_of(collation: &str) {
    if !collation.ends_with("_bin") {
        tracing::warn!(
            target: "atlas::db",
            collation,
            "texts that differ in case or accents are equal in this database, unique keys included; \
             `atlas db create` makes one that compares as other engines do"
        );
    }
}

impl Connect for Connector {
    type Connection = MySqlConnection;

    async fn connect(&self) -> Result<MySqlConnection, DbErr> {
        self.open()
            .await
            .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
    }

    async fn recover(connection: &mut MySqlConnection) -> bool {
        connection.ping().await.is_ok()
    }

    async fn close(connection: MySqlConnection) {
        if let Err(error) = connection.close().await {
            tracing::debug!(target: "atlas::db", %error, "a connection did not close cleanly");
        }
    }
}

impl Driver for Connector {
    type Database = MySql;

    const HAS_TABLE: &'static str = "SELECT 1 FROM information_schema.tables \
                                     WHERE table_schema = DATABASE() AND table_name = ?";

    fn begin(&self, begin: &Begin) -> SqlStr {
        transaction::begin(begin)
    }

    fn unlimit(&self) -> Option<&'static str> {
        Some(match self.engine() {
            Engine::MariaDb => "SET SESSION max_statement_time = 0",
            _ => "SET SESSION max_execution_time = 0",
        })
    }

    fn patient(&self, statement: Prepared) -> Prepared {
        if statement.operation != Operation::Select {
            return statement;
        }
        let sql = statement.sql.trim_start();
        let sql = match self.engine() {
            Engine::MariaDb => format!("SET STATEMENT max_statement_time = 0 FOR {sql}"),
            _ => {
                let rest = sql.get("SELECT".len()..).unwrap_or_default();
                format!("SELECT /*+ MAX_EXECUTION_TIME(4294967295) */{rest}")
            }
        };
        Prepared {
            sql: Arc::new(sql),
            ..statement
        }
    }

    statement_methods!(MySql);
}

#[cfg(test)]
mod tests {
    use super::supported;
    use crate::engine::Engine;

    #[test]
    fn a_server_says_which_engine_it_is_and_an_old_one_is_refused() {
        for (version, engine) in [
            ("8.0.36", Engine::MySql),
            ("9.7.4-2", Engine::MySql),
            ("10.11.19-MariaDB-0+deb12u1", Engine::MariaDb),
            ("11.4.2-MariaDB", Engine::MariaDb),
        ] {
            assert_eq!(supported(version).unwrap(), engine, "{version}");
        }
        let refused = |version| supported(version).unwrap_err().to_string();
        assert!(
            refused("5.7.44")
                .ends_with("the server is MySQL 5.7, and the oldest supported one is 8.0")
        );
        assert!(
            refused("10.6.3-MariaDB")
                .ends_with("the server is MariaDB 10.6, and the oldest supported one is 10.11")
        );
    }
}
