//! What statements cost: a histogram an operation, and a warning for the slow ones.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::DbErr;

use crate::{
    histogram::Histogram,
    statement::{Operation, Prepared},
};

/// The measurements of one database handle.
pub(crate) struct Meters {
    /// By operation, and then: succeeded, failed.
    operations: [[Histogram; 2]; Operation::ALL.len()],
    slow: Duration,
}

impl Meters {
    /// Meters that warn of statements slower than `slow`.
    pub(crate) fn new(slow: Duration) -> Self {
        Self {
            operations: Default::default(),
            slow,
        }
    }

    /// Starts to measure a statement.
    pub(crate) fn watch(&self, statement: &Prepared) -> Watch<'_> {
        self.watch_text(statement.operation, &statement.sql)
    }

    /// Starts to measure SQL text.
    pub(crate) fn watch_text(&self, operation: Operation, sql: &Arc<String>) -> Watch<'_> {
        Watch {
            meters: self,
            operation,
            sql: Arc::clone(sql),
            started: Instant::now(),
        }
    }

    /// The durations of an operation's statements that succeeded (or failed).
    pub(crate) fn operation(&self, operation: Operation, failed: bool) -> &Histogram {
        &self.operations[operation.index()][usize::from(failed)]
    }
}

/// A statement being measured. One that is cancelled is not counted.
pub(crate) struct Watch<'a> {
    meters: &'a Meters,
    operation: Operation,
    sql: Arc<String>,
    started: Instant,
}

impl Watch<'_> {
    /// Counts the statement and passes its outcome on.
    pub(crate) fn end<T>(self, outcome: Result<T, DbErr>) -> Result<T, DbErr> {
        let took = self.started.elapsed();
        self.meters
            .operation(self.operation, outcome.is_err())
            .observe(took);
        if took >= self.meters.slow {
            tracing::warn!(
                target: "atlas::db",
                {
                    "db.operation.name" = self.operation.name(),
                    "db.query.text" = self.sql.as_str(),
                    duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
                },
                "slow statement"
            );
        }
        outcome
    }
}
