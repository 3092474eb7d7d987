//! Reads on their way to a replica.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sea_orm::{ConnAcquireErr, DbErr, QueryResult};
use tokio::{runtime::Handle, task::AbortHandle};

use super::{
    Cluster,
    cluster::{Choice, Rules},
    locking::needs_primary,
    standby::{Replicated, Standby},
    watch,
};
use crate::{
    driver::{Driver, cursor, statements},
    pool::{Lease, Limits, Pool},
    rows::Queue,
    statement::{Operation, Prepared},
    symptom::Symptom,
};

/// The replicas of a primary: their connections, and the tasks that watch them.
pub(crate) struct Replicas<D: Replicated> {
    cluster: Arc<Cluster>,
    primary: Pool<D>,
    pools: Vec<Pool<Standby<D>>>,
    watched: Arc<AtomicBool>,
    tasks: Mutex<Tasks>,
}

/// The tasks that watch the servers.
#[derive(Default)]
struct Tasks {
    running: Vec<AbortHandle>,
    /// There will be no others.
    over: bool,
}

/// A read that the primary must answer.
pub(crate) struct Detour {
    /// The read.
    pub(crate) statement: Prepared,
    /// It writes, or may.
    pub(crate) writes: bool,
}

/// What is read: a row, or all of them, at once or one by one.
pub(crate) trait Read: Sync {
    /// What comes back.
    type Answer: Send;

    /// Reads over a connection.
    fn run<D: Driver>(
        &self,
        lease: &mut Lease<D>,
        statement: Prepared,
    ) -> impl Future<Output = Result<Self::Answer, DbErr>> + Send;

    /// Says whether nobody has seen a part of the answer yet, so that another server may be asked for it.
    fn may_move(&self) -> bool {
        true
    }
}

/// The first row.
pub(crate) struct One;

impl Read for One {
    type Answer = Option<QueryResult>;

    async fn run<D: Driver>(
        &self,
        lease: &mut Lease<D>,
        statement: Prepared,
    ) -> Result<Option<QueryResult>, DbErr> {
        statements::query_one(lease, statement).await
    }
}

/// All rows.
pub(crate) struct All;

impl Read for All {
    type Answer = Vec<QueryResult>;

    async fn run<D: Driver>(
        &self,
        lease: &mut Lease<D>,
        statement: Prepared,
    ) -> Result<Vec<QueryResult>, DbErr> {
        statements::query_all(lease, statement).await
    }
}

/// All rows, one by one.
pub(crate) struct Each<'a>(pub(crate) &'a Queue);

impl Read for Each<'_> {
    type Answer = ();

    async fn run<D: Driver>(&self, lease: &mut Lease<D>, statement: Prepared) -> Result<(), DbErr> {
        cursor::stream(lease, statement, self.0).await
    }

    fn may_move(&self) -> bool {
        !self.0.is_used()
    }
}

/// What a read that failed on a replica says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The replica, or the way to it, is gone.
    Lost,
    /// The statement is to blame: it took too long, or had to wait too long for a connection.
    Final,
    /// It would write.
    Writes,
    /// The replica has not, or cannot do, what the primary may: a table that is on its way, a conflict with what is
    /// replayed.
    Elsewhere,
}

impl<D: Replicated> Replicas<D> {
    /// Replicas that these drivers reach, each with its place; nothing is opened yet.
    pub(crate) fn new(
        id: u64,
        rules: Rules,
        limits: Limits,
        primary: Pool<D>,
        drivers: Vec<(D, String)>,
    ) -> Self {
        let (drivers, places): (Vec<D>, Vec<String>) = drivers.into_iter().unzip();
        let cluster = Arc::new(Cluster::new(id, rules, places));
        let standby = |(index, driver)| Standby {
            driver,
            cluster: Arc::clone(&cluster),
            index,
        };
        let standbys = drivers.into_iter().enumerate().map(standby);
        Self {
            pools: standbys.map(|it| Pool::new(it, limits)).collect(),
            primary,
            cluster,
            watched: Arc::default(),
            tasks: Mutex::default(),
        }
    }

    /// What is known about the servers.
    pub(crate) fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
    }

    /// Name and pool of each replica.
    pub(crate) fn pools(&self) -> impl Iterator<Item = (&str, &Pool<Standby<D>>)> {
        self.pools
            .iter()
            .map(|pool| (pool.connector().replica().name(), pool))
    }

    /// The replica that would answer.
    pub(crate) fn route(&self, sql: &str) -> Option<&str> {
        if Operation::of(sql) != Operation::Select || needs_primary(sql) {
            return None;
        }
        self.watch();
        let choice = self.cluster.choose(&self.cluster.need())?;
        Some(self.cluster.replicas()[choice.replica].name())
    }

    /// Lets a replica answer.
    ///
    /// # Errors
    ///
    /// The read itself, when it is for the primary to answer: it may only be read there, no replica has what the caller
    /// must see, or those that have failed.
    pub(crate) async fn read<R: Read>(
        &self,
        read: &R,
        statement: Prepared,
    ) -> Result<Result<R::Answer, DbErr>, Detour> {
        let detour = |statement| {
            Err(Detour {
                statement,
                writes: false,
            })
        };
        if statement.operation != Operation::Select || needs_primary(&statement.sql) {
            return Err(Detour {
                statement,
                writes: true,
            });
        }
        self.watch();
        let need = self.cluster.need();
        for _ in &self.pools {
            let Some(Choice { replica, epoch }) = self.cluster.choose(&need) else {
                break;
            };
            let mut lease = match self.pools[replica].acquire().await {
                Ok(lease) => lease,
                Err(error) if verdict(&error) == Verdict::Final => return Ok(Err(error)),
                Err(error) => {
                    self.lost(replica, &error);
                    continue;
                }
            };
            if !lease.connector().replica().is_still(epoch) {
                continue;
            }
            let error = match read.run(&mut lease, statement.clone()).await {
                Ok(answer) => {
                    lease.connector().replica().count_read();
                    return Ok(Ok(answer));
                }
                Err(error) => error,
            };
            match verdict(&error) {
                Verdict::Lost => {
                    lease.lose();
                    self.lost(replica, &error);
                    if !read.may_move() {
                        return Ok(Err(error));
                    }
                }
                Verdict::Final => return Ok(Err(error)),
                _ if !read.may_move() => return Ok(Err(error)),
                Verdict::Writes => {
                    return Err(Detour {
                        statement,
                        writes: true,
                    });
                }
                Verdict::Elsewhere => return detour(statement),
            }
        }
        detour(statement)
    }

    /// A replica cannot be reached: it is out until its next check, which is now.
    fn lost(&self, replica: usize, error: &DbErr) {
        let replica = &self.cluster.replicas()[replica];
        replica.lose(error);
        replica.nudged.notify_one();
    }

    /// Sees to it that somebody watches the servers. Tasks end with their runtime; then the next read starts others, unless
    /// the handle is closed.
    pub(crate) fn watch(&self) {
        if self.watched.load(Ordering::Acquire) {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if tasks.over || self.watched.swap(true, Ordering::AcqRel) {
            return;
        }
        let tasks = &mut tasks.running;
        tasks.drain(..).for_each(|task| task.abort());
        let cluster = Arc::clone(&self.cluster);
        let of_primary = watch::primary(self.primary.clone(), cluster);
        let watched = Watched(Arc::clone(&self.watched));
        let of_primary = async move {
            let _watched = watched;
            of_primary.await;
        };
        tasks.push(runtime.spawn(of_primary).abort_handle());
        for pool in &self.pools {
            let of_replica = watch::replica(pool.clone());
            tasks.push(runtime.spawn(of_replica).abort_handle());
        }
    }

    /// Waits for reads in flight, and closes all connections.
    pub(crate) async fn close(&self) {
        self.end();
        for pool in &self.pools {
            pool.close().await;
        }
    }

    fn end(&self) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.over = true;
        tasks.running.drain(..).for_each(|task| task.abort());
    }
}

impl<D: Replicated> Drop for Replicas<D> {
    fn drop(&mut self) {
        self.end();
    }
}

/// Says that the servers are watched for as long as it lives.
struct Watched(Arc<AtomicBool>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

fn verdict(error: &DbErr) -> Verdict {
    let is_acquire = |it: &ConnAcquireErr| {
        matches!(
            it,
            ConnAcquireErr::Timeout | ConnAcquireErr::ConnectionClosed
        )
    };
    match Symptom::of(error) {
        Symptom::Overdue => Verdict::Final,
        Symptom::ReadOnly => Verdict::Writes,
        // it stops, or starts
        Symptom::Busy => Verdict::Lost,
        symptom if symptom.is_loss() => Verdict::Lost,
        _ => match error {
            DbErr::ConnectionAcquire(cause) if is_acquire(cause) => Verdict::Final,
            DbErr::Conn(_) => Verdict::Lost,
            _ => Verdict::Elsewhere,
        },
    }
}
