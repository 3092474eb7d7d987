//! A statement on its way to a connection, and what kind it is.

use std::sync::Arc;

use sea_orm::{DbBackend, Statement, Values};

/// A statement with its text shared, so that it can still be named when it took too long.
#[derive(Clone)]
pub(crate) struct Prepared {
    /// Where it goes.
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
pub(crate) fn most_parameters(backend: DbBackend) -> usize {
    match backend {
        // https://www.sqlite.org/limits.html
        DbBackend::Sqlite => 32_766,
        // the protocols count them in 16 bits
        _ => 65_535,
    }
}

impl Prepared {
    /// Says whether running it a second time changes nothing: it reads, and calls no function but those known to only
    /// compute. A function of one's own may write.
    pub(crate) fn may_repeat(&self) -> bool {
        self.operation == Operation::Select
            && self
                .sql
                .split('(')
                .rev()
                .skip(1)
                .all(|before| is_harmless(before.trim_end()))
    }
}

/// Says whether what ends with these words, and goes on with a parenthesis, only computes.
fn is_harmless(before: &str) -> bool {
    const WORDS: &[&str] = &[
        "abs", "all", "and", "any", "as", "avg", "by", "cast", "coalesce", "count", "distinct",
        "else", "exists", "extract", "from", "having", "in", "join", "length", "like", "lower",
        "max", "min", "not", "on", "or", "over", "round", "select", "sum", "then", "trim", "union",
        "upper", "values", "when", "where",
    ];
    let word = before
        .rsplit(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .next()
        .unwrap_or_default();
    // a name in quotes may be a function of that name
    let quoted = before.ends_with(['"', '`']);
    !quoted && (word.is_empty() || WORDS.iter().any(|it| word.eq_ignore_ascii_case(it)))
}

/// The operations that routing tells apart.
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

    /// Its first word.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Other => "OTHER",
        }
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, Statement};

    use super::{Operation, Prepared};

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
    fn only_what_certainly_changes_nothing_runs_twice() {
        for (sql, may) in [
            ("SELECT \"a\" FROM \"t\" WHERE \"id\" = $1", true),
            (
                "SELECT COUNT(*) AS n FROM (SELECT 1 FROM t WHERE a IN (1, 2)) AS s",
                true,
            ),
            (
                "SELECT * FROM t WHERE LOWER(a) LIKE LOWER($1) ESCAPE '!' AND (b = 1)",
                true,
            ),
            ("SELECT nextval('s')", false),
            ("SELECT pay(1)", false),
            ("SELECT \"pay\" (1)", false),
            ("UPDATE t SET a = 1", false),
        ] {
            let statement = Statement::from_string(DbBackend::Postgres, sql);
            assert_eq!(Prepared::from(statement).may_repeat(), may, "{sql}");
        }
    }
}
