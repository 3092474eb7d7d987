//! A pool of connections that costs a read one semaphore and one short lock.
//!
//! The drivers bring a pool of their own; this one exists because theirs tests a connection on every return, by a task
//! spawned for it, and so doubles the cost of a short read; and because it can wait for ever on a dead peer while it
//! holds the place of the next caller. Here a connection goes back in `Drop`, a broken one is thrown away, and every
//! wait is counted and bounded.

mod gate;
mod lease;
mod limits;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnAcquireErr, DbErr};
use tokio::{
    sync::{Semaphore, TryAcquireError},
    time::timeout,
};

use self::gate::{Gate, Look};
pub(crate) use self::{lease::Lease, limits::Limits};
use crate::histogram::Histogram;

/// Opens and closes the connections of one pool.
pub(crate) trait Connect: Send + Sync + 'static {
    /// What is pooled.
    type Connection: Send + 'static;

    /// Opens one more connection.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, DbErr>> + Send;

    /// Waits until a connection whose caller left in the middle of a statement is free again; says whether it can be
    /// used further.
    fn recover(connection: &mut Self::Connection) -> impl Future<Output = bool> + Send;

    /// Says good-bye in the engine's own way; failures are of no use to anybody any more.
    fn close(connection: Self::Connection) -> impl Future<Output = ()> + Send;
}

/// A shared pool: clones are handles of the same connections.
pub(crate) struct Pool<C: Connect>(Arc<Inner<C>>);

impl<C: Connect> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Inner<C: Connect> {
    connect: C,
    limits: Limits,
    permits: Semaphore,
    gate: Gate,
    closing: AtomicBool,
    idle: Mutex<VecDeque<Idle<C::Connection>>>,
    stats: Stats,
    born: Instant,
    /// When a working connection last went out or came back: milliseconds since `born`, or 0 for never.
    turned: AtomicU64,
    /// When a connection was last found dead, in the same way. Those at rest or lent since before may be dead too.
    suspect: AtomicU64,
}

/// A connection at rest.
struct Idle<T> {
    connection: T,
    born: Instant,
    since: Instant,
}

/// What a pool did so far, read by the metrics.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    /// Callers that wait for a connection right now.
    pub(crate) pending: AtomicI64,
    /// Callers that gave up waiting.
    pub(crate) timeouts: AtomicU64,
    /// How long callers waited for a connection.
    pub(crate) wait: Histogram,
    /// How long connections were held.
    pub(crate) usage: Histogram,
    /// How long opening a connection took.
    pub(crate) create: Histogram,
}

impl<C: Connect> Pool<C> {
    /// A pool without connections: they are opened when first needed.
    pub(crate) fn new(connect: C, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            connect,
            permits: Semaphore::new(limits.connections as usize),
            gate: Gate::new(),
            limits,
            closing: AtomicBool::new(false),
            idle: Mutex::new(VecDeque::with_capacity(limits.connections as usize)),
            stats: Stats::default(),
            born: Instant::now(),
            turned: AtomicU64::new(0),
            suspect: AtomicU64::new(0),
        }))
    }

    /// Borrows a connection, opening one if none is at rest and the limit allows it. While the server is away, all callers
    /// wait for one attempt, and no attempt comes sooner than half a second after the one before.
    ///
    /// # Errors
    ///
    /// When every connection is in use for longer than the acquire timeout, when opening one fails or outlasts the
    /// connect timeout, or when the pool is closed.
    pub(crate) async fn acquire(&self) -> Result<Lease<C>, DbErr> {
        let inner = &self.0;
        let started = Instant::now();
        self.place(inner.limits.acquire_timeout).await?;
        let mut lease = Lease::new(Arc::clone(inner));
        if lease.take_idle().await {
            return Ok(lease);
        }
        // seldom, and large: apart from what every statement carries with it
        let grown: Pin<Box<dyn Future<Output = _> + Send + '_>> =
            Box::pin(self.grow(lease, started));
        grown.await
    }

    /// Gives a lease that has a place the connection that is to be opened for it, or one that comes back meanwhile.
    async fn grow(&self, mut lease: Lease<C>, started: Instant) -> Result<Lease<C>, DbErr> {
        let inner = &self.0;
        let left = || {
            let limit = inner.limits.acquire_timeout;
            limit.saturating_sub(started.elapsed())
        };
        loop {
            let wait = match inner.gate.look() {
                Look::Open => {
                    let opened = self.open(&mut lease).await;
                    inner.gate.opened(opened.as_ref().copied());
                    return opened.map(|()| lease);
                }
                Look::Turn(turn) => {
                    let opened = self.open(&mut lease).await;
                    turn.end(opened.as_ref().copied());
                    return opened.map(|()| lease);
                }
                Look::Wait(wait) => wait,
            };
            // its place is free for those who have a connection to take
            drop(lease);
            wait.over(left()).await?;
            self.place(left()).await?;
            lease = Lease::new(Arc::clone(inner));
            if lease.take_idle().await {
                return Ok(lease);
            }
        }
    }

    /// Opens a connection for a lease.
    async fn open(&self, lease: &mut Lease<C>) -> Result<(), DbErr> {
        let Inner {
            limits,
            connect,
            stats,
            ..
        } = &*self.0;
        let started = Instant::now();
        let connection = timeout(limits.connect_timeout, connect.connect()).await;
        let connection =
            connection.unwrap_or_else(|_| Err(gate::silent(limits.connect_timeout)))?;
        stats.create.observe(started.elapsed());
        lease.put_new(connection);
        Ok(())
    }

    /// Takes a place, and waits for one if there is none; the permit is the caller's afterwards.
    async fn place(&self, patience: Duration) -> Result<(), DbErr> {
        let inner = &self.0;
        if inner.closing.load(Ordering::Acquire) {
            return Err(closed());
        }
        match inner.permits.try_acquire() {
            Ok(permit) => {
                permit.forget();
                inner.stats.wait.observe_nothing();
                Ok(())
            }
            Err(TryAcquireError::NoPermits) => self.wait(patience).await,
            Err(TryAcquireError::Closed) => Err(closed()),
        }
    }

    /// Waits in the queue for a place.
    async fn wait(&self, patience: Duration) -> Result<(), DbErr> {
        let stats = &self.0.stats;
        let started = Instant::now();
        stats.pending.fetch_add(1, Ordering::Relaxed);
        let pending = Pending(stats);
        let outcome = timeout(patience, self.0.permits.acquire()).await;
        drop(pending);
        match outcome {
            Ok(Ok(permit)) => permit.forget(),
            Ok(Err(_)) => return Err(closed()),
            Err(_) => {
                stats.timeouts.fetch_add(1, Ordering::Relaxed);
                return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
            }
        }
        stats.wait.observe(started.elapsed());
        Ok(())
    }

    /// Refuses new callers, waits until every connection is back, and closes them all.
    pub(crate) async fn close(&self) {
        self.0.closing.store(true, Ordering::Release);
        if let Ok(all) = self.0.permits.acquire_many(self.0.limits.connections).await {
            all.forget();
        }
        self.0.permits.close();
        let resting: Vec<_> = self.0.idle().drain(..).collect();
        for idle in resting {
            C::close(idle.connection).await;
        }
    }

    /// Says whether every connection is in use and they still take turns: one went out or came back within the time that
    /// a caller waits. Such a pool is busy, and works.
    pub(crate) fn is_turning(&self) -> bool {
        let inner = &self.0;
        let turned = inner.turned.load(Ordering::Relaxed);
        turned > 0
            && inner.permits.available_permits() == 0
            && !inner.closing.load(Ordering::Acquire)
            && inner
                .born
                .elapsed()
                .saturating_sub(Duration::from_millis(turned))
                < inner.limits.acquire_timeout
    }

    /// What opens its connections.
    pub(crate) fn connector(&self) -> &C {
        &self.0.connect
    }

    /// Puts all connections of now in doubt: each has to give a sign of life before it is lent again.
    pub(crate) fn doubt(&self) {
        self.0.suspect();
    }

    /// What the pool did so far.
    pub(crate) fn stats(&self) -> &Stats {
        &self.0.stats
    }

    /// The limits it was made with.
    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// How many connections are at rest.
    pub(crate) fn idle(&self) -> usize {
        self.0.idle().len()
    }

    /// How many connections are lent out, those being opened included.
    pub(crate) fn used(&self) -> usize {
        (self.0.limits.connections as usize).saturating_sub(self.0.permits.available_permits())
    }
}

impl<C: Connect> Inner<C> {
    fn idle(&self) -> MutexGuard<'_, VecDeque<Idle<C::Connection>>> {
        // the list is consistent after every statement under the lock, so a panic elsewhere does not spoil it
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a working connection goes out or comes back.
    fn turn(&self, now: Instant) {
        self.turned.store(self.millis(now), Ordering::Relaxed);
    }

    /// Notes that a connection was found dead.
    fn suspect(&self) {
        self.gate.doubt();
        self.suspect
            .store(self.millis(Instant::now()), Ordering::Relaxed);
    }

    /// A moment in milliseconds since the pool was made; never 0.
    fn millis(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.born).as_millis();
        u64::try_from(since).unwrap_or(u64::MAX).max(1)
    }

    /// Says whether a connection that rests since then has to give a sign of life before it is lent.
    fn is_doubtful(&self, since: Instant, now: Instant) -> bool {
        let rested = now.saturating_duration_since(since);
        self.limits.ping_after.is_some_and(|limit| {
            rested > limit || self.millis(since) <= self.suspect.load(Ordering::Relaxed)
        })
    }

    /// Asks a connection for a sign of life.
    async fn is_alive(&self, connection: &mut C::Connection) -> bool {
        let recovered = C::recover(connection);
        match self.limits.recover_timeout {
            Some(limit) => timeout(limit, recovered).await.unwrap_or(false),
            None => recovered.await,
        }
    }

    /// The connection used last, so that those not needed age and go.
    fn pop(&self, now: Instant) -> Option<Idle<C::Connection>> {
        let mut idle = self.idle();
        loop {
            let candidate = idle.pop_back()?;
            if self.limits.is_fresh(candidate.born, candidate.since, now) {
                return Some(candidate);
            }
        }
    }

    /// Puts a connection to rest, or drops it when it is too old or the pool is closing.
    ///
    /// One that was lent since before others were found dead stays in doubt: its last answer may have been on its way
    /// already when the server died.
    fn push(&self, connection: C::Connection, born: Instant, lent: Instant, now: Instant) {
        if self.closing.load(Ordering::Acquire) && self.permits.is_closed()
            || !self.limits.is_fresh(born, now, now)
        {
            return;
        }
        let suspected = self.millis(lent) <= self.suspect.load(Ordering::Relaxed);
        let mut idle = self.idle();
        idle.push_back(Idle {
            connection,
            born,
            since: if suspected { lent } else { now },
        });
        if idle
            .front()
            .is_some_and(|oldest| !self.limits.is_fresh(oldest.born, oldest.since, now))
        {
            idle.pop_front();
        }
    }
}

/// Counts one waiting caller for as long as it lives, also when the caller is cancelled.
struct Pending<'a>(&'a Stats);

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.0.pending.fetch_sub(1, Ordering::Relaxed);
    }
}

fn closed() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)
}
