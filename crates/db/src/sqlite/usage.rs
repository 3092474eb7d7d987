//! Whether somebody uses a file.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, Executor, sqlite::SqliteConnectOptions};

use crate::symptom::Symptom;

/// Says whether another connection, of any process, holds a lock on a database. In the write-ahead log mode, each has one
/// from its first statement to its end; in the others, only inside of a transaction. What is damaged, or no database, is
/// used by nobody.
pub(crate) async fn is_in_use(file: &Path) -> bool {
    // nothing is changed: with the log, this mode alone needs the lock that no two connections can have
    let options = SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(std::time::Duration::from_millis(250))
        .pragma("locking_mode", "EXCLUSIVE")
        .disable_statement_logging();
    let asked = async {
        let mut connection = options.connect().await?;
        let answer = connection.execute("BEGIN EXCLUSIVE; ROLLBACK").await;
        connection.close().await?;
        answer
    };
    asked
        .await
        .is_err_and(|error| Symptom::of_driver(&error) == Symptom::Locked)
}
