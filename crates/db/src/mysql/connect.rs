//! How a connection to a MySQL or MariaDB server is opened.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use sea_orm::{DbErr, RuntimeErr};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, MySql, MySqlConnection,
    mysql::MySqlConnectOptions,
};

use super::{Target, transaction};
use crate::{
    driver::{Bounds, Driver, statements::statement_methods},
    engine::Engine,
    pool::Connect,
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
            let version: String = sqlx::query_scalar("SELECT VERSION()")
                .fetch_one(&mut connection)
                .await?;
            let found = if version.contains("MariaDB") { 2 } else { 1 };
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

    fn begin(&self) -> &'static str {
        transaction::BEGIN
    }

    statement_methods!(MySql);
}
