//! One text, one preparation for each combination of types.
//!
//! The driver keeps prepared statements by their text, and PostgreSQL fixes the types of the parameters when it prepares.
//! The same text with an `i64` where there was an `i32` would fail. Numbers therefore leave a mark behind the text that
//! nobody sees: blanks, which are no part of the statement.

use std::sync::Arc;

use sea_orm::Value;

use crate::statement::Prepared;

/// The statement, marked with the types of its numbers; one whose integers all are `i64` stays as it is.
pub(super) fn marked(mut statement: Prepared) -> Prepared {
    let mark = |value: &Value| match value {
        Value::TinyInt(_) => "\t ",
        Value::SmallInt(_) => "\t\t",
        Value::Int(_) => "\t\n",
        Value::TinyUnsigned(_) => "\n ",
        Value::SmallUnsigned(_) => "\n\t",
        Value::Unsigned(_) => "\n\n",
        Value::BigUnsigned(_) => "\r ",
        Value::Float(_) => "\r\t",
        Value::Double(_) => "\r\n",
        _ => "  ",
    };
    let is_marked = |value: &Value| mark(value) != "  ";
    let Some(last) = statement.values.0.iter().rposition(is_marked) else {
        return statement;
    };
    let mut text = String::with_capacity(statement.sql.len() + 2 * (last + 1));
    text.push_str(&statement.sql);
    text.extend(statement.values.0[..=last].iter().map(mark));
    statement.sql = Arc::new(text);
    statement
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, Statement};

    use super::*;

    fn text(values: impl IntoIterator<Item = Value>) -> String {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT $1", values);
        marked(statement.into()).sql.to_string()
    }

    #[test]
    fn texts_differ_when_the_types_of_their_numbers_do() {
        let texts = [
            text([1_i64.into(), 2_i64.into()]),
            text([1_i32.into(), 2_i64.into()]),
            text([1_i64.into(), 2_i32.into()]),
            text([1_i32.into(), 2_i32.into()]),
            text([1_i16.into(), 2_i32.into()]),
            text([1.0_f32.into(), 2.0_f64.into()]),
            text([1.0_f64.into(), 2.0_f32.into()]),
        ];
        for (at, one) in texts.iter().enumerate() {
            assert_eq!(one.trim_end(), "SELECT $1");
            assert!(!texts[..at].contains(one), "{one:?}");
        }
        assert_eq!(texts[0], "SELECT $1", "the usual ones cost nothing");
        assert_eq!(text(["tea".into()]), "SELECT $1");
    }
}
