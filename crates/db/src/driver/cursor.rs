//! Cursors: rows that stay on the server until they are asked for.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use sea_orm::{DbErr, Values};

use super::{Driver, statements, transaction};
use crate::{
    pool::Lease,
    rows::Queue,
    statement::{Operation, Prepared},
    transaction::Begin,
};

/// How many rows a cursor is asked for at once.
const FETCH: usize = 500;

/// What is said to read through a cursor, which leaves the connection free between two stretches of rows, and is gone at
/// once when the transaction ends.
pub(crate) struct Cursor {
    /// Makes it.
    pub(crate) declare: Prepared,
    /// Asks for the next rows.
    fetch: Arc<String>,
    /// Ends it.
    pub(crate) close: Arc<String>,
}

impl Cursor {
    /// A cursor for the rows of a statement.
    pub(crate) fn of(statement: Prepared) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("atlas_rows_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let Prepared { sql, values, .. } = statement;
        Self {
            declare: Prepared {
                operation: Operation::Other,
                sql: Arc::new(format!("DECLARE {name} NO SCROLL CURSOR FOR {sql}")),
                values,
            },
            fetch: Arc::new(format!("FETCH {FETCH} FROM {name}")),
            close: Arc::new(format!("CLOSE {name}")),
        }
    }

    /// Asks for the next rows; when there are not [as many as there could be](Self::is_last), no others follow.
    pub(crate) fn fetch(&self) -> Prepared {
        Prepared {
            operation: Operation::Other,
            sql: Arc::clone(&self.fetch),
            values: Values(Vec::new()),
        }
    }

    /// Says whether so many rows are the last ones.
    pub(crate) fn is_last(rows: usize) -> bool {
        rows < FETCH
    }
}

/// Reads the rows of a statement outside of any transaction; where the engine has cursors for that, in a transaction of its
/// own.
pub(crate) async fn stream<D: Driver>(
    lease: &mut Lease<D>,
    statement: Prepared,
    rows: &Queue,
) -> Result<(), DbErr> {
    if !D::CURSORS || statement.operation != Operation::Select {
        return statements::stream(lease, statement, rows).await;
    }
    let begin = Begin::default();
    let mut held = Held {
        lease,
        step: Step::Unknown,
    };
    let begun = transaction::begin(held.lease, &begin).await;
    held.step = if begun.is_ok() {
        Step::Open
    } else {
        Step::Over
    };
    begun?;
    let read = read(held.lease, Cursor::of(statement), rows).await;
    held.step = Step::Unknown;
    let ended = match &read {
        Ok(()) => transaction::commit(held.lease, &begin).await,
        Err(_) => transaction::rollback(held.lease, &begin).await,
    };
    held.step = Step::Over;
    read.and(ended)
}

async fn read<D: Driver>(lease: &mut Lease<D>, cursor: Cursor, rows: &Queue) -> Result<(), DbErr> {
    statements::execute(lease, cursor.declare.clone()).await?;
    loop {
        let found = statements::query_all(lease, cursor.fetch()).await?;
        let last = Cursor::is_last(found.len());
        for row in found {
            rows.send(row).await;
        }
        if last {
            return Ok(());
        }
    }
}

/// A connection in a transaction that nobody else knows of. Dropped before it is over, it is rolled back.
struct Held<'a, D: Driver> {
    lease: &'a mut Lease<D>,
    step: Step,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Its first or its last statement is on its way: nobody knows whether it is open.
    Unknown,
    /// It is open.
    Open,
    /// It is not open.
    Over,
}

impl<D: Driver> Drop for Held<'_, D> {
    fn drop(&mut self) {
        match self.step {
            Step::Unknown => self.lease.lose(),
            Step::Open => transaction::leave(self.lease),
            Step::Over => {}
        }
    }
}
