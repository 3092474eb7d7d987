//! A borrowed connection, and its way back.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Instant,
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
        }
    }

    /// Takes a connection at rest; says whether there was one.
    pub(super) fn take_idle(&mut self) -> bool {
        let Some(idle) = self.pool.pop(self.since) else {
            return false;
        };
        self.pool.turn(self.since);
        self.born = idle.born;
        self.connection = Some(idle.connection);
        true
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

    /// Drops the connection instead of giving it back, because it can no longer be trusted.
    pub(crate) fn discard(mut self) {
        self.connection = None;
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
        if !self.busy {
            return give_back(&pool, Some(connection), born, since);
        }
        // outside of a runtime nobody can wait, so the connection is closed
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move {
                let usable = C::recover(&mut connection).await;
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
        pool.push(connection, born, now);
    }
    pool.permits.add_permits(1);
}
