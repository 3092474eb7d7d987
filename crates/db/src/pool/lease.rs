//! A borrowed connection, and its way back.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::runtime::Handle;

use super::{Connect, Inner};

/// A connection that goes back to its pool when dropped.
pub(crate) struct Lease<C: Connect> {
    pool: Arc<Inner<C>>,
    connection: Option<C::Connection>,
    born: Instant,
    since: Instant,
    busy: bool,
    lost: bool,
    rested: bool,
    unlimited: bool,
}

impl<C: Connect> Lease<C> {
    /// A place in the pool whose permit the caller has taken; the connection follows.
    pub(super) fn new(pool: Arc<Inner<C>>) -> Self {
        let now = Instant::now();
        Self {
            pool,
            connection: None,
            born: now,
            since: now,
            busy: false,
            lost: false,
            rested: false,
            unlimited: false,
        }
    }

    /// Takes a connection at rest; says whether there was one that lives.
    pub(super) async fn take_idle(&mut self) -> bool {
        while let Some(mut idle) = self.pool.pop(self.since) {
            if self.pool.is_doubtful(idle.since, self.since)
                && !self.pool.is_alive(&mut idle.connection).await
            {
                self.pool.suspect();
                continue;
            }
            self.pool.turn(self.since);
            self.born = idle.born;
            self.rested = true;
            self.connection = Some(idle.connection);
            return true;
        }
        false
    }

    /// Takes a connection that was opened for this lease.
    pub(super) fn put_new(&mut self, connection: C::Connection) {
        let now = Instant::now();
        self.pool.turn(now);
        (self.born, self.since) = (now, now);
        self.connection = Some(connection);
    }

    /// Notes that a statement is on its way. When the lease is dropped before [`finish`](Self::finish), the connection is
    /// still busy with it, and goes back only when it is free: the next caller would have to wait for it in vain.
    pub(crate) fn start(&mut self) {
        self.busy = true;
    }

    /// Notes that the statement is over.
    pub(crate) fn finish(&mut self) {
        self.busy = false;
    }

    /// Notes that the connection broke: it is dropped instead of given back, and those at rest are looked at.
    pub(crate) fn lose(&mut self) {
        self.lost = true;
        self.pool.suspect();
    }

    /// Says whether the connection broke.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost
    }

    /// Says whether the connection was at rest before, and so may have died unnoticed.
    pub(crate) fn has_rested(&self) -> bool {
        self.rested
    }

    /// What opened the connection.
    pub(crate) fn connector(&self) -> &C {
        &self.pool.connect
    }

    /// How long the answer to a statement may take.
    pub(crate) fn statement_timeout(&self) -> Option<Duration> {
        self.pool
            .limits
            .statement_timeout
            .filter(|_| !self.unlimited)
    }

    /// Notes that statements on it may take as long as they need. It does not go back to the pool, where they may not.
    pub(crate) fn unlimit(&mut self) {
        self.unlimited = true;
    }
}

impl<C: Connect> Deref for Lease<C> {
    type Target = C::Connection;

    fn deref(&self) -> &C::Connection {
        self.connection
            .as_ref()
            .expect("a lease that left the pool has a connection")
    }
}

impl<C: Connect> DerefMut for Lease<C> {
    fn deref_mut(&mut self) -> &mut C::Connection {
        self.connection
            .as_mut()
            .expect("a lease that left the pool has a connection")
    }
}

impl<C: Connect> Drop for Lease<C> {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return self.pool.permits.add_permits(1);
        };
        let (pool, born, since) = (Arc::clone(&self.pool), self.born, self.since);
        if self.lost || self.unlimited {
            drop(connection);
            return give_back(&pool, None, born, since);
        }
        if !self.busy {
            return give_back(&pool, Some(connection), born, since);
        }
        // outside of a runtime nobody can wait, so the connection is closed
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move {
                let usable = pool.is_alive(&mut connection).await;
                if !usable {
                    pool.suspect();
                }
                give_back(&pool, usable.then_some(connection), born, since);
            })),
            Err(_) => give_back(&pool, None, born, since),
        }
    }
}

/// Puts the connection to rest, if there is one still, and lets the next caller in.
fn give_back<C: Connect>(
    pool: &Inner<C>,
    connection: Option<C::Connection>,
    born: Instant,
    since: Instant,
) {
    let now = Instant::now();
    pool.stats.usage.observe(now - since);
    if let Some(connection) = connection {
        pool.turn(now);
        pool.push(connection, born, since, now);
    }
    pool.permits.add_permits(1);
}
