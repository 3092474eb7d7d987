//! Sessions: who sees what they have written.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use super::{
    marks::{self, Marks},
    position::Position,
};
use crate::{Db, Error};

/// A session that spans several units of work: the requests of one user, the steps of one import.
///
/// Whatever runs in it sees what was written in it before, wherever in this process that was. It is made by
/// [`Db::session`]. Across processes, carry a [`Position`].
#[derive(Clone)]
pub struct Session {
    db: Db,
    /// `None` where there are no replicas: the primary has every write.
    marks: Option<Arc<Marks>>,
}

impl Session {
    /// Runs `work` as part of the session. A task that is *spawned* inside is not.
    pub async fn run<F: Future>(&self, work: F) -> F::Output {
        match &self.marks {
            Some(marks) => marks::in_session(self.db.0.id, Arc::clone(marks), work).await,
            None => work.await,
        }
    }

    /// A position that has everything the session wrote so far, to be carried to another process: see
    /// [`Db::position`].
    ///
    /// # Errors
    ///
    /// When the primary cannot be asked.
    pub async fn position(&self) -> Result<Option<Position>, Error> {
        self.db.position().await
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

/// What is known about a replica at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaStatus {
    /// Its name in metrics: `replica-1` is the first one of the configuration.
    pub name: String,
    /// Host and database, without a password.
    pub place: String,
    /// It answers reads: it is alive, and does not lag more than `database.max_lag`.
    pub in_rotation: bool,
    /// The age of the newest state of the primary that it is known to have had; a replica that has everything is as old
    /// as its latest check. It grows while nothing is heard of the replica, or of the primary.
    pub lag: Duration,
    /// Reads that it answered so far.
    pub reads: u64,
}

/// Who would answer a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The primary, or the only server there is.
    Primary,
    /// The replica of this name.
    Replica(String),
}

impl Db {
    /// The session of a name: what runs in it sees what was written in it, across the requests that this process serves.
    ///
    /// Requests see their own writes without it. It is kept for as long as a replica could lack something of it.
    pub fn session(&self, name: impl Into<String>) -> Session {
        let cluster = self.0.engine.cluster();
        Session {
            db: self.clone(),
            marks: cluster.map(|cluster| cluster.session(name.into())),
        }
    }

    /// Runs `work` with all its reads on the primary: for those that must see what others have just written.
    ///
    /// ```
    /// # use atlas_db::{Db, DbConfig, sea_orm::{ConnectionTrait, Statement}};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::new(&DbConfig::at("sqlite::memory:"))?;
    /// # let select = Statement::from_string(db.get_database_backend(), "SELECT 1");
    /// let row = db.on_primary(db.query_one_raw(select)).await?;
    /// # assert!(row.is_some());
    /// # Ok(()) }
    /// ```
    pub async fn on_primary<F: Future>(&self, work: F) -> F::Output {
        match self.0.engine.cluster() {
            Some(_) => marks::on_primary(self.0.id, work).await,
            None => work.await,
        }
    }

    /// Runs `work` with reads that see at least what a [`Position`] has: replicas that have not replayed it yet do not
    /// answer them.
    ///
    /// Positions are those of one primary. One of another engine is never reached, so the primary answers.
    pub async fn after<F: Future>(&self, position: Position, work: F) -> F::Output {
        match self.0.engine.cluster() {
            Some(_) => marks::after(self.0.id, position, work).await,
            None => work.await,
        }
    }

    /// Where the primary stands: a position that has everything committed so far. Another process that reads
    /// [`after`](Self::after) it, through whichever replica, sees all of that.
    ///
    /// `None` when the primary has no positions: SQLite has no replicas, and MySQL and MariaDB record none without a binary
    /// log (and MySQL without `gtid_mode`).
    ///
    /// # Errors
    ///
    /// When the primary cannot be asked.
    pub async fn position(&self) -> Result<Option<Position>, Error> {
        Ok(self.0.engine.position().await?)
    }

    /// The state of every replica, in the order of the configuration.
    pub fn replicas(&self) -> Vec<ReplicaStatus> {
        let Some(cluster) = self.0.engine.cluster() else {
            return Vec::new();
        };
        let max_lag = cluster.rules().max_lag;
        let status = |replica: &super::replica::Replica| {
            let lag = replica.lag();
            ReplicaStatus {
                name: replica.name().to_owned(),
                place: replica.place().to_owned(),
                in_rotation: replica.is_in_rotation() && lag <= max_lag,
                lag,
                reads: replica.reads(),
            }
        };
        cluster.replicas().iter().map(status).collect()
    }

    /// Who would answer this `SELECT` of the calling code, for tests and for diagnosis; it counts as a turn of the
    /// replica.
    pub fn route(&self, sql: &str) -> Route {
        match self.0.engine.route(sql) {
            Some(name) if !self.in_transaction() => Route::Replica(name.to_owned()),
            _ => Route::Primary,
        }
    }
}
