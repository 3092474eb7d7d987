//! `ALTER TABLE`: one action after the other.

use sea_orm::DbBackend;

use super::{
    Lint,
    rules::{Examined, Words},
};
use crate::migration::script::Token;

/// Looks at every action behind `ALTER TABLE name`.
pub(super) fn examine(examined: &mut Examined, table: &str, actions: &[Token]) {
    for action in split(actions) {
        let words = Words(action);
        drop_column(examined, table, words);
        rename(examined, table, words);
        add(examined, table, words);
        change(examined, table, words);
    }
}

/// The actions, which commas divide that stand in no parentheses.
fn split(actions: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0_usize;
    actions
        .split(|token| match token {
            Token::Sign('(') => {
                depth += 1;
                false
            }
            Token::Sign(')') => {
                depth = depth.saturating_sub(1);
                false
            }
            other => *other == Token::Sign(',') && depth == 0,
        })
        .collect()
}

/// Words behind `DROP` and `ADD` that are no name of a column.
const NO_COLUMN: [&str; 14] = [
    "CONSTRAINT",
    "FOREIGN",
    "PRIMARY",
    "INDEX",
    "KEY",
    "CHECK",
    "UNIQUE",
    "PARTITION",
    "FULLTEXT",
    "SPATIAL",
    "EXPRESSION",
    "IDENTITY",
    "PERIOD",
    "SYSTEM",
];

fn is_column(words: Words<'_>) -> bool {
    !words
        .0
        .first()
        .is_some_and(|first| NO_COLUMN.iter().any(|word| first.is(word)))
}

fn drop_column(examined: &mut Examined, table: &str, mut words: Words<'_>) {
    if !words.take(&["DROP"]) || !(words.take(&["COLUMN"]) || is_column(words)) {
        return;
    }
    words.take(&["IF", "EXISTS"]);
    if let Some(column) = words.name() {
        examined.found(
            Lint::DropColumn,
            table,
            format!("the column `{table}.{column}` goes, with its values"),
        );
    }
}

fn rename(examined: &mut Examined, table: &str, mut words: Words<'_>) {
    if !words.take(&["RENAME"]) {
        return;
    }
    if words.take(&["TO"]) || words.take(&["AS"]) {
        let message = format!("the table `{table}` gets another name");
        return examined.found(Lint::RenameTable, table, message);
    }
    if ["CONSTRAINT", "INDEX", "KEY"]
        .iter()
        .any(|word| words.take(&[word]))
    {
        return;
    }
    words.take(&["COLUMN"]);
    if let Some(column) = words.name() {
        let message = format!("the column `{table}.{column}` gets another name");
        examined.found(Lint::RenameColumn, table, message);
    }
}

fn add(examined: &mut Examined, table: &str, mut words: Words<'_>) {
    if !words.take(&["ADD"]) {
        return;
    }
    if !words.take(&["COLUMN"]) && !is_column(words) {
        if examined.backend == DbBackend::Postgres {
            constraint(examined, table, words);
        }
        return;
    }
    words.take(&["IF", "NOT", "EXISTS"]);
    let Some(column) = words.name() else { return };
    let filled = [
        "DEFAULT",
        "GENERATED",
        "AS",
        "AUTO_INCREMENT",
        "SERIAL",
        "BIGSERIAL",
        "SMALLSERIAL",
    ]
    .iter()
    .any(|word| words.has(&[word]));
    if words.has(&["NOT", "NULL"]) && !filled {
        let message = format!(
            "rows that are there have no value for `{table}.{column}`, which must not be null"
        );
        examined.found(Lint::AddNotNull, table, message);
    }
    if examined.backend == DbBackend::Postgres && has_volatile_default(words) {
        let message = format!("the table `{table}` is written anew for the default of `{column}`");
        examined.found(Lint::VolatileDefault, table, message);
    }
}

/// A default that calls a function other than the clock of the transaction, which is asked once.
fn has_volatile_default(words: Words<'_>) -> bool {
    let default = words.0.iter().position(|token| token.is("DEFAULT"));
    let Some(rest) = default.map(|at| &words.0[at + 1..]) else {
        return false;
    };
    matches!(rest, [Token::Word(function), Token::Sign('('), ..]
        if !["NOW", "TRANSACTION_TIMESTAMP", "STATEMENT_TIMESTAMP", "CAST", "CURRENT_TIMESTAMP"].contains(&function.as_str()))
}

/// A constraint of PostgreSQL, with or without a name.
fn constraint(examined: &mut Examined, table: &str, mut words: Words<'_>) {
    if words.take(&["CONSTRAINT"]) {
        words.name();
    }
    let validated = !words.has(&["NOT", "VALID"]);
    if words.take(&["FOREIGN", "KEY"]) || words.take(&["CHECK"]) {
        if validated {
            let message = format!(
                "all rows of `{table}` are compared with a new constraint at once, under a lock"
            );
            examined.found(Lint::ValidateConstraint, table, message);
        }
    } else if (words.take(&["UNIQUE"]) || words.take(&["PRIMARY", "KEY"]))
        && !words.has(&["USING", "INDEX"])
    {
        let message =
            format!("nobody can use `{table}` while the index of its new constraint is built");
        examined.found(Lint::UniqueConstraint, table, message);
    }
}

/// Another type, or no null any more: `ALTER COLUMN` of PostgreSQL, `MODIFY` and `CHANGE` of MySQL.
fn change(examined: &mut Examined, table: &str, mut words: Words<'_>) {
    if words.take(&["ALTER"]) {
        words.take(&["COLUMN"]);
        let Some(column) = words.name() else { return };
        if words.take(&["SET", "NOT", "NULL"]) {
            let message = format!("`{table}.{column}` must not be null from now on");
            examined.found(Lint::SetNotNull, table, message);
        } else if words.take(&["TYPE"]) || words.take(&["SET", "DATA", "TYPE"]) {
            retype(examined, table, &column, words);
        }
    } else if words.take(&["MODIFY"]) {
        words.take(&["COLUMN"]);
        if let Some(column) = words.name() {
            retype(examined, table, &column, words);
        }
    } else if words.take(&["CHANGE"]) {
        words.take(&["COLUMN"]);
        let (Some(from), Some(to)) = (words.name(), words.name()) else {
            return;
        };
        if from != to {
            let message = format!("the column `{table}.{from}` gets another name");
            examined.found(Lint::RenameColumn, table, message);
        }
        retype(examined, table, &to, words);
    }
}

/// Types that hold whatever a column of their kind held before.
const WIDE: [&str; 9] = [
    "TEXT",
    "LONGTEXT",
    "BYTEA",
    "LONGBLOB",
    "BIGINT",
    "NUMERIC",
    "DOUBLE",
    "JSONB",
    "TIMESTAMPTZ",
];

fn retype(examined: &mut Examined, table: &str, column: &str, words: Words<'_>) {
    let wide = words
        .0
        .first()
        .is_some_and(|first| WIDE.iter().any(|it| first.is(it)))
        && words.0.get(1) != Some(&Token::Sign('('));
    if wide {
        let message = format!(
            "the type of `{table}.{column}` changes, for which the table may be written anew under a lock"
        );
        examined.found(Lint::ChangeType, table, message);
    } else {
        let message = format!("values of `{table}.{column}` may not fit its new type");
        examined.found(Lint::NarrowType, table, message);
    }
}
