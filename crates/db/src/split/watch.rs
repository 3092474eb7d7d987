//! The tasks that ask the servers where they are.
//!
//! Each has a connection of its own, so that a pool without a free one does not make a server look dead.

use std::{future::Future, sync::Arc, time::Duration};

use sea_orm::{DbErr, RuntimeErr};
use tokio::time::{sleep, timeout};

use super::{
    moment::Moment,
    replica::Learned,
    samples::{Sample, Standing},
    standby::{NO_REPLICA, Replicated, Standby},
};
use crate::pool::Pool;

/// The connection to the primary is renewed so often: behind its name there may be another server by now.
const LIFETIME: Duration = Duration::from_secs(60);

/// A watcher's connection, opened when it is needed.
struct Line<C> {
    connection: Option<C>,
    opened: Moment,
}

impl<C> Line<C> {
    const fn closed() -> Self {
        Self {
            connection: None,
            opened: Moment::NEVER,
        }
    }

    /// The connection, and no other than the one that is open; the caller puts it back when it worked.
    async fn take<E>(&mut self, connect: impl Future<Output = Result<C, E>>) -> Result<C, E> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => {
                let connection = connect.await?;
                self.opened = Moment::now();
                Ok(connection)
            }
        }
    }
}

/// Samples the primary: every period, and sooner when somebody waits for it.
pub(super) async fn primary<D: Replicated>(primary: Pool<D>, cluster: Arc<super::Cluster>) {
    let (period, pause) = (cluster.rules().period(), cluster.rules().pause());
    let mut line = Line::closed();
    let mut complained = false;
    loop {
        let was_open = line.connection.is_some();
        let sample = sample(primary.connector(), &mut line);
        let problem = match timeout(period, sample).await {
            Ok(Ok(Some(sample))) => {
                cluster.sampled(sample);
                None
            }
            Ok(Ok(None)) => Some(
                "it has no positions (a binary log, `gtid_mode`), or may not be written".to_owned(),
            ),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("it did not answer within {period:?}")),
        };
        match problem {
            // a connection that was ended says nothing about the server
            Some(_) if was_open => continue,
            Some(reason) if !complained => {
                tracing::warn!(
                    target: "atlas::db",
                    reason,
                    "nobody knows how far the replicas are: the primary does not say where it is"
                );
                complained = true;
            }
            Some(_) => {}
            None => complained = false,
        }
        sleep(pause).await;
        // an error here is the time that went by
        let _ = timeout(period.saturating_sub(pause), cluster.wanted.notified()).await;
    }
}

async fn sample<D: Replicated>(
    driver: &D,
    line: &mut Line<D::Connection>,
) -> Result<Option<Sample>, DbErr> {
    if Moment::now().since(line.opened) > LIFETIME
        && let Some(old) = line.connection.take()
    {
        D::close(old).await;
    }
    let mut connection = line.take(driver.connect()).await?;
    let asked = Moment::now();
    let standing: Option<Standing> = driver.standing(&mut connection).await.map_err(lost)?;
    if standing.is_some() {
        line.connection = Some(connection);
    }
    Ok(standing.map(|standing| Sample { asked, standing }))
}

/// Asks a replica how far it is: every period, after each sample of the primary, and again and again while it is behind.
pub(super) async fn replica<D: Replicated>(pool: Pool<Standby<D>>) {
    let standby = pool.connector();
    let (replica, rules) = (standby.replica(), *standby.cluster.rules());
    let (period, pause) = (rules.period(), rules.pause());
    let mut line = Line::closed();
    let mut patience = pause;
    loop {
        let started = Moment::now();
        let was_open = line.connection.is_some();
        let answer = timeout(period, check(&pool, &mut line)).await;
        let late = Moment::now().since(started) > period;
        let wait = match answer {
            Ok(Ok(learned)) if !late => match learned {
                Learned::Current => {
                    patience = pause;
                    period
                }
                Learned::Void => Duration::ZERO,
                Learned::Behind => {
                    // one that is not trusted yet waits for a sample that is newer than its answer
                    standby.cluster.wanted.notify_one();
                    patience = (patience * 2).min(period);
                    patience
                }
                Learned::Diverged => {
                    replica
                        .complain(&"it has what the primary does not: their histories went apart");
                    period
                }
            },
            Ok(Ok(_)) | Err(_) => {
                line = Line::closed();
                replica.lose(&format_args!("it did not answer within {period:?}"));
                period
            }
            Ok(Err(error)) => {
                replica.lose(&error);
                // a connection that was ended says nothing about the server
                if was_open { Duration::ZERO } else { period }
            }
        };
        replica.report(rules.max_lag);
        sleep(pause.min(wait)).await;
        // an error here is the time that went by
        let _ = timeout(wait.saturating_sub(pause), replica.nudged.notified()).await;
    }
}

async fn check<D: Replicated>(
    pool: &Pool<Standby<D>>,
    line: &mut Line<D::Connection>,
) -> Result<Learned, DbErr> {
    let standby = pool.connector();
    let is_open = line.connection.is_some();
    let mut connection = line.take(standby.driver.connect()).await?;
    if !is_open {
        // what ended the last one may have ended those of the pool, and would take the replica out again and again
        pool.doubt();
    }
    let ticket = standby.replica().ticket();
    let position = standby
        .driver
        .replayed(&mut connection)
        .await
        .map_err(lost)?;
    let Some(position) = position else {
        return Err(DbErr::Conn(RuntimeErr::Internal(NO_REPLICA.to_owned())));
    };
    line.connection = Some(connection);
    Ok(standby.cluster.told(standby.replica(), ticket, position))
}

fn lost(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}
