//! A statement on its way to a connection, and what kind it is.

use std::sync::Arc;

use sea_orm::{DbBackend, Statement, Values};

/// A statement with its text shared, so that it can still be named when it took too long.
#[derive(Clone)]
pub(crate) struct Prepared {
    /// Where it goes and how it is counted.
    pub(crate) operation: Operation,
    /// The text; parameters stand in it as placeholders.
    pub(crate) sql: Arc<String>,
    /// The parameters.
    pub(crate) values: Values,
}

impl From<Statement> for Prepared {
    fn from(statement: Statement) -> Self {
        let operation = Operation::of(&statement.sql);
        let values = statement.values.as_ref().map_or(0, |it| it.0.len());
        if values > most_parameters(statement.db_backend) {
            // a list of keys may be longer than the engine takes parameters; as literals all of them fit
            return Self {
                operation,
                sql: Arc::new(statement.to_string()),
                values: Values(Vec::new()),
            };
        }
        Self {
            operation,
            sql: Arc::new(statement.sql),
            values: statement.values.unwrap_or(Values(Vec::new())),
        }
    }
}

/// How many parameters a statement may have.
fn most_parameters(backend: DbBackend) -> usize {
    match backend {
        // https://www.sqlite.org/limits.html
        DbBackend::Sqlite => 32_766,
        // the protocols count them in 16 bits
        _ => 65_535,
    }
}

/// The operations that routing and metrics tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Reads and nothing else.
    Select,
    /// Adds rows.
    Insert,
    /// Changes rows.
    Update,
    /// Removes rows.
    Delete,
    /// Anything else, treated as if it wrote.
    Other,
}

impl Operation {
    /// All of them, in the order of [`index`](Self::index).
    pub(crate) const ALL: [Self; 5] = [
        Self::Select,
        Self::Insert,
        Self::Update,
        Self::Delete,
        Self::Other,
    ];

    /// Reads the first word of an SQL text.
    pub(crate) fn of(sql: &str) -> Self {
        let word = sql
            .trim_start()
            .split(|c: char| !c.is_ascii_alphabetic())
            .next()
            .unwrap_or_default();
        [Self::Select, Self::Insert, Self::Update, Self::Delete]
            .into_iter()
            .find(|operation| word.eq_ignore_ascii_case(operation.name()))
            .unwrap_or(Self::Other)
    }

    /// The name metrics know it by.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Other => "OTHER",
        }
    }

    /// Its place in a table with one entry an operation.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::Operation;

    #[test]
    fn the_first_word_decides_and_the_unknown_counts_as_a_write() {
        assert_eq!(Operation::of("SELECT 1"), Operation::Select);
        assert_eq!(Operation::of("\n select\t*"), Operation::Select);
        assert_eq!(
            Operation::of("INSERT INTO t DEFAULT VALUES RETURNING id"),
            Operation::Insert
        );
        assert_eq!(Operation::of("update t set a = 1"), Operation::Update);
        assert_eq!(Operation::of("DELETE FROM t"), Operation::Delete);
        assert_eq!(
            Operation::of("WITH x AS (SELECT 1) DELETE FROM t"),
            Operation::Other
        );
        assert_eq!(Operation::of("SELECTED"), Operation::Other);
        assert_eq!(Operation::of(""), Operation::Other);
    }

    #[test]
    fn every_operation_stands_at_its_index() {
        for (index, operation) in Operation::ALL.into_iter().enumerate() {
            assert_eq!(operation.index(), index);
        }
    }
}
