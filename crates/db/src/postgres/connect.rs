//! How a connection to a PostgreSQL server is opened.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Postgres, SqlStr,
    postgres::PgConnectOptions,
};

use super::{Target, transaction, typed};
use crate::{
    config::Durability,
    driver::{Bounds, Driver, statements::statement_methods},
    pool::Connect,
    statement::Prepared,
    symptom::outdated,
    transaction::Begin,
};

/// The oldest version that is supported, as the server counts them.
const OLDEST: u32 = 150_000;

/// Opens connections.
pub(crate) struct Connector {
    options: PgConnectOptions,
    /// What each connection is told first.
    setup: Arc<String>,
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
            setup: Arc::new(setup(bounds)),
        }
    }

    /// What opens a connection.
    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.options
    }
}

/// The settings of a session, as statements and not as options of the connection, which poolers in between refuse. The
/// driver has set the time zone to UTC.
fn setup(bounds: &Bounds) -> String {
    // nothing would mean for ever
    let lock = bounds.lock_timeout.as_millis().max(1);
    let statement = bounds
        .limits
        .statement_timeout
        .unwrap_or_default()
        .as_millis();
    let mut sql = format!(
        "SET lock_timeout = {lock}; SET statement_timeout = {statement}; \
         SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; \
         SELECT set_config('client_connection_check_interval', '2s', false) \
         WHERE version() !~* 'windows|mingw|visual c'"
    );
    sql.push_str(match bounds.durability {
        // a server may be set to more than its own disk (`remote_apply`), which is not lowered
        Durability::Full => {
            "; SELECT set_config('synchronous_commit', 'on', false) \
             WHERE current_setting('synchronous_commit') = 'off'"
        }
        Durability::Relaxed | Durability::None => "; SET synchronous_commit = off",
    });
    sql
}

impl Connect for Connector {
    type Connection = PgConnection;

    async fn connect(&self) -> Result<PgConnection, DbErr> {
        let opened = async {
            let mut connection = self.options.connect().await?;
            if let Some(version) = connection.server_version_num()
                && version < OLDEST
            {
                return Err(outdated(format!("PostgreSQL {}", version / 10_000), "15"));
            }
            connection
                .execute(AssertSqlSafe(Arc::clone(&self.setup)))
                .await?;
            Ok(connection)
        };
        opened
            .await
            .map_err(|error: sqlx::Error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
    }

    async fn recover(connection: &mut PgConnection) -> bool {
        connection.ping().await.is_ok()
    }

    async fn close(connection: PgConnection) {
        if let Err(error) = connection.close().await {
            tracing::debug!(target: "atlas::db", %error, "a connection did not close cleanly");
        }
    }
}

impl Driver for Connector {
    type Database = Postgres;

    const HAS_TABLE: &'static str = "SELECT 1 WHERE to_regclass(quote_ident($1)) IS NOT NULL";

    const CURSORS: bool = true;

    fn begin(&self, begin: &Begin) -> SqlStr {
        transaction::begin(begin)
    }

    fn unlimit(&self) -> Option<&'static str> {
        Some("SET statement_timeout = 0")
    }

    fn prepare(statement: Prepared) -> Prepared {
        typed::marked(statement)
    }

    statement_methods!(Postgres);
}
