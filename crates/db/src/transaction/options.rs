//! What a transaction promises, and how often it is tried.

use sea_orm::{AccessMode, IsolationLevel};

/// How [`Db::transaction_with`](crate::Db::transaction_with) runs a transaction.
///
/// ```
/// use atlas_db::{IsolationLevel, TransactionOptions};
///
/// let report = TransactionOptions::new().read_only();
/// let booking = TransactionOptions::new().isolation(IsolationLevel::Serializable).retries(5);
/// # let _ = (report, booking);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct TransactionOptions {
    pub(super) begin: Begin,
    pub(super) retries: u32,
}

impl TransactionOptions {
    /// The engine's own isolation, reading and writing, tried again up to three times.
    pub const fn new() -> Self {
        Self {
            begin: Begin {
                isolation: None,
                read_only: false,
            },
            retries: 3,
        }
    }

    /// Asks for at least this isolation. An engine that has no such level gives the next stronger one: SQLite is always
    /// serializable, and PostgreSQL has nothing below read committed.
    pub const fn isolation(mut self, level: IsolationLevel) -> Self {
        self.begin.isolation = Some(level);
        self
    }

    /// Makes the engine refuse every write in it. On SQLite it runs beside the writer instead of waiting for it.
    pub const fn read_only(mut self) -> Self {
        self.begin.read_only = true;
        self
    }

    /// How often the work is run again, at most, when the transaction lost against another one (a serialization failure, a
    /// deadlock, SQLite's write lock); 0 for never.
    pub const fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }
}

impl Default for TransactionOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// What the first statement of a transaction says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Begin {
    /// At least this isolation; `None` for the engine's own.
    pub(crate) isolation: Option<IsolationLevel>,
    /// Writes are refused.
    pub(crate) read_only: bool,
}

impl Begin {
    /// Says whether a transaction that began like this keeps what `nested` promises: a savepoint can neither raise the
    /// isolation nor take away the right to write.
    pub(super) fn covers(&self, nested: &Self) -> bool {
        let isolated = match (self.isolation, nested.isolation) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(outer), Some(inner)) => strength(outer) >= strength(inner),
        };
        isolated && (self.read_only || !nested.read_only)
    }
}

/// The levels in the order of the SQL standard.
fn strength(level: IsolationLevel) -> u8 {
    match level {
        IsolationLevel::ReadUncommitted => 0,
        IsolationLevel::ReadCommitted => 1,
        IsolationLevel::RepeatableRead => 2,
        IsolationLevel::Serializable => 3,
    }
}

impl From<sea_orm::TransactionOptions> for Begin {
    /// SeaORM's `sqlite_transaction_mode` is left out: here every writing transaction takes the write lock at once.
    fn from(options: sea_orm::TransactionOptions) -> Self {
        Self {
            isolation: options.isolation_level,
            read_only: options.access_mode == Some(AccessMode::ReadOnly),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_savepoint_promises_no_more_than_its_transaction() {
        let plain = Begin::default();
        let reading = Begin {
            read_only: true,
            ..plain
        };
        let level = |level| Begin {
            isolation: Some(level),
            ..plain
        };
        assert!(plain.covers(&plain) && reading.covers(&plain) && reading.covers(&reading));
        assert!(!plain.covers(&reading));
        let strict = level(IsolationLevel::Serializable);
        assert!(strict.covers(&level(IsolationLevel::ReadCommitted)) && strict.covers(&strict));
        assert!(!level(IsolationLevel::RepeatableRead).covers(&strict) && !plain.covers(&strict));
    }
}
