//! What PostgreSQL tells about replication.

use sqlx::{PgConnection, Row};

use super::Connector;
use crate::split::{Position, Replicated, Standing};

/// A server in recovery has no place of its own in the log, and asking for one would fail.
const STANDING: &str = "SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_flush_lsn()::text END, \
                        CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_insert_lsn()::text END";
const REPLAYED: &str =
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END";

impl Replicated for Connector {
    const READ_ONLY: &'static str = "SET default_transaction_read_only = on";

    async fn standing(&self, connection: &mut PgConnection) -> sqlx::Result<Option<Standing>> {
        let row = sqlx::raw_sql(STANDING).fetch_one(connection).await?;
        let (flushed, written): (Option<String>, Option<String>) =
            (row.try_get(0)?, row.try_get(1)?);
        Ok(flushed.zip(written).and_then(|(flushed, written)| {
            Some(Standing {
                flushed: Position::postgres(&flushed)?,
                written: Position::postgres_insert(&written)?,
            })
        }))
    }

    async fn replayed(&self, connection: &mut PgConnection) -> sqlx::Result<Option<Position>> {
        let row = sqlx::raw_sql(REPLAYED).fetch_one(connection).await?;
        let lsn: Option<String> = row.try_get(0)?;
        Ok(lsn.as_deref().and_then(Position::postgres))
    }
}
