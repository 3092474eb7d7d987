//! Limits as literals.
//!
//! SQLite plans with the value of a bound `LIMIT`, and so compiles a cached statement anew each time one is bound (since
//! 3.49, `sqlite3ExprIsInteger`). That costs a short read more than the read itself. As a literal the limit is part of the
//! text, and a text that comes again is taken from the cache.

use std::sync::Arc;

use sea_orm::Value;

use crate::statement::Prepared;

const LIMIT: &str = " LIMIT ?";
const LIMIT_AND_OFFSET: &str = " LIMIT ? OFFSET ?";

/// Writes a bound limit at the end of a statement into its text.
pub(super) fn inlined(mut statement: Prepared) -> Prepared {
    let values = &statement.values.0;
    let (tail, limit) = if statement.sql.ends_with(LIMIT) {
        (LIMIT, values.last())
    } else if statement.sql.ends_with(LIMIT_AND_OFFSET) {
        (LIMIT_AND_OFFSET, values.iter().rev().nth(1))
    } else {
        return statement;
    };
    let Some(Value::BigUnsigned(Some(limit))) = limit else {
        return statement;
    };
    let limit = limit.to_string();
    let kept = &statement.sql[..statement.sql.len() - tail.len()];
    let rest = &tail[LIMIT.len()..];
    let mut sql = String::with_capacity(kept.len() + tail.len() + limit.len());
    for part in [kept, " LIMIT ", &limit, rest] {
        sql.push_str(part);
    }
    let place = statement.values.0.len() - if rest.is_empty() { 1 } else { 2 };
    statement.values.0.remove(place);
    statement.sql = Arc::new(sql);
    statement
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, Statement};

    use super::*;

    fn inline(sql: &str, values: impl IntoIterator<Item = Value>) -> (String, Vec<Value>) {
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
        let Prepared { sql, values, .. } = inlined(statement.into());
        (sql.to_string(), values.0)
    }

    #[test]
    fn a_limit_at_the_end_becomes_part_of_the_text() {
        let (sql, values) = inline(
            "SELECT * FROM t WHERE a = ? LIMIT ?",
            ["x".into(), 5_u64.into()],
        );
        assert_eq!(sql, "SELECT * FROM t WHERE a = ? LIMIT 5");
        assert_eq!(values, ["x".into()]);
    }

    #[test]
    fn an_offset_stays_bound() {
        let (sql, values) = inline(
            "SELECT * FROM t LIMIT ? OFFSET ?",
            [5_u64.into(), 10_u64.into()],
        );
        assert_eq!(sql, "SELECT * FROM t LIMIT 5 OFFSET ?");
        assert_eq!(values, [10_u64.into()]);
    }

    #[test]
    fn anything_else_is_left_as_it_is() {
        for (sql, value) in [
            ("SELECT ?", 5_u64.into()),
            ("SELECT 1 LIMIT ?", Value::from("5")),
        ] {
            assert_eq!(inline(sql, [value.clone()]), (sql.to_owned(), vec![value]));
        }
    }
}
