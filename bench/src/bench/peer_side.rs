//! The same by hand on sqlx.

use std::{future::Future, str::FromStr, time::Duration};

use anyhow::{Result, ensure};
use sqlx::{
    PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{LIST, Side};

/// A pool of sqlx.
pub(crate) trait Peer: Side {
    fn open(url: &str, connections: u32) -> impl Future<Output = Result<Self>> + Send;
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// SQLite by hand.
#[derive(Clone)]
pub(crate) struct OnSqlite(SqlitePool);

/// PostgreSQL by hand.
#[derive(Clone)]
pub(crate) struct OnPostgres(PgPool);

impl Peer for OnSqlite {
    async fn open(url: &str, connections: u32) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(connections)
            .connect_with(options);
        Ok(Self(pool.await?))
    }

    async fn close(self) {
        self.0.close().await;
    }
}

impl Peer for OnPostgres {
    async fn open(url: &str, connections: u32) -> Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // as durable as the other side
                    sqlx::query("SET synchronous_commit = off")
                        .execute(connection)
                        .await
                        .map(drop)
                })
            })
            .connect_with(PgConnectOptions::from_str(url)?);
        Ok(Self(pool.await?))
    }

    async fn close(self) {
        self.0.close().await;
    }
}

macro_rules! by_hand {
    ($side:ty, $read:literal, $insert:literal, $list:literal, $update:literal) => {
        impl Side for $side {
            async fn read(&self, id: i64) -> Result<()> {
                let found: (i64, String, i64) =
                    sqlx::query_as($read).bind(id).fetch_one(&self.0).await?;
                ensure!(found.0 == id);
                Ok(())
            }

            async fn insert(&self, id: i64) -> Result<()> {
                sqlx::query($insert)
                    .bind(id)
                    .bind(format!("item {id}"))
                    .bind(id % 997)
                    .execute(&self.0)
                    .await?;
                Ok(())
            }

            async fn list(&self, after: i64) -> Result<()> {
                let rows: Vec<(i64, String, i64)> = sqlx::query_as($list)
                    .bind(after)
                    .bind(i64::try_from(LIST)?)
                    .fetch_all(&self.0)
                    .await?;
                ensure!(!rows.is_empty());
                Ok(())
            }

            async fn update(&self, id: i64, price: i64) -> Result<()> {
                let done = sqlx::query($update)
                    .bind(price)
                    .bind(id)
                    .execute(&self.0)
                    .await?;
                ensure!(done.rows_affected() == 1);
                Ok(())
            }
        }
    };
}

by_hand!(
    OnSqlite,
    "SELECT id, name, price FROM items WHERE id = ?",
    "INSERT INTO items (id, name, price) VALUES (?, ?, ?)",
    "SELECT id, name, price FROM items WHERE id > ? ORDER BY id LIMIT ?",
    "UPDATE items SET price = ? WHERE id = ?"
);
by_hand!(
    OnPostgres,
    "SELECT id, name, price FROM items WHERE id = $1",
    "INSERT INTO items (id, name, price) VALUES ($1, $2, $3)",
    "SELECT id, name, price FROM items WHERE id > $1 ORDER BY id LIMIT $2",
    "UPDATE items SET price = $1 WHERE id = $2"
);
