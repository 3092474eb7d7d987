//! What MySQL and MariaDB tell about replication.

use sqlx::{MySqlConnection, Row};

use super::Connector;
use crate::{
    engine::Engine,
    split::{Position, Replicated, Standing},
};

/// A server that may not be written is no primary (any more).
const STANDING_OF_MARIA_DB: &str =
    "SELECT IF(CONCAT(@@global.read_only) IN ('0', 'OFF'), CONCAT(@@global.gtid_binlog_pos), '')";
const STANDING_OF_MY_SQL: &str =
    "SELECT IF(@@global.read_only = 0, CONCAT(@@global.gtid_executed), '')";
/// What was replayed, and not what was written here, past replication.
const REPLAYED_BY_MARIA_DB: &str = "SELECT CONCAT(@@global.gtid_slave_pos)";
const REPLAYED_BY_MY_SQL: &str = "SELECT CONCAT(@@global.gtid_executed)";

impl Replicated for Connector {
    const READ_ONLY: &'static str = "SET SESSION TRANSACTION READ ONLY";

    async fn standing(&self, connection: &mut MySqlConnection) -> sqlx::Result<Option<Standing>> {
        let position = match self.engine() {
            Engine::MariaDb => Position::maria_db(&text(connection, STANDING_OF_MARIA_DB).await?),
            _ => Position::my_sql(&text(connection, STANDING_OF_MY_SQL).await?),
        };
        Ok(position.map(|position| Standing {
            flushed: position.clone(),
            written: position,
        }))
    }

    async fn replayed(&self, connection: &mut MySqlConnection) -> sqlx::Result<Option<Position>> {
        Ok(match self.engine() {
            Engine::MariaDb => Position::maria_db(&text(connection, REPLAYED_BY_MARIA_DB).await?),
            _ => Position::my_sql(&text(connection, REPLAYED_BY_MY_SQL).await?),
        })
    }
}

/// The text in the only column of the only row. Servers disagree on the type that such text has.
async fn text(connection: &mut MySqlConnection, sql: &'static str) -> sqlx::Result<String> {
    let row = sqlx::raw_sql(sql).fetch_one(connection).await?;
    let text: Option<String> = row.try_get_unchecked(0)?;
    Ok(text.unwrap_or_default())
}
