//! What an engine says about a failure, without the values that were given to it: words end in logs, and values are the
//! users' own.

use std::borrow::Cow;

use sea_orm::{DbErr, RuntimeErr};
use sqlx::error::DatabaseError;

use crate::{symptom::Symptom, transaction::Fault};

/// The words for what an engine has answered.
pub(crate) fn of(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    let symptom = Symptom::of_driver(error);
    let error = error.as_database_error()?;
    Some(if symptom == Symptom::Duplicate {
        match violated(error) {
            Some(key) => format!("a row with this key is there already: `{key}`").into(),
            None => "a row with this key is there already".into(),
        }
    } else {
        match quoted_value(error) {
            Some((start, end)) => {
                let text = error.message();
                format!("{}…{}", &text[..start], &text[end..]).into()
            }
            None => error.message().into(),
        }
    })
}

/// Says whether the words of the engine itself, as SeaORM and the driver pass them on, may hold a value.
pub(crate) fn may_hold_values(error: &DbErr) -> bool {
    match Fault::of(error) {
        Some(Fault::CommitUnknown(cause) | Fault::Aborted(cause)) => return may_hold_values(cause),
        Some(_) => return false,
        None => {}
    }
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    of(error).is_some_and(|words| matches!(words, Cow::Owned(_)))
}

/// The key or the columns that were to be unique.
fn violated(error: &dyn DatabaseError) -> Option<&str> {
    if let Some(name) = error.constraint() {
        return Some(name);
    }
    let text = error.message();
    // SQLite: UNIQUE constraint failed: users.email
    if let Some((_, columns)) = text.split_once("constraint failed: ") {
        return Some(columns);
    }
    // MySQL: Duplicate entry 'bob' for key 'users.email'; the entry may hold anything, so the last one counts
    let (_, key) = text.rsplit_once("' for key '")?;
    key.strip_suffix('\'')
}

/// Where a message holds a value, quotes aside.
fn quoted_value(error: &dyn DatabaseError) -> Option<(usize, usize)> {
    let text = error.message();
    #[cfg(feature = "postgres")]
    if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        // data exceptions: what stands in quotes is always the value
        if !error.code().starts_with("22") {
            return None;
        }
        let (start, end) = (text.find('"')? + 1, text.rfind('"')?);
        return (start <= end).then_some((start, end));
    }
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return match error.number() {
            // wrong, cut or unreadable values: …value: 'abc' for column `n` at row 1
            1264 | 1292 | 1300 | 1366 | 1406 | 1411 | 1525 => {
                let start = text.find(": '")? + ": '".len();
                let end = text.rfind("' for ").filter(|end| start <= *end);
                let end = end.or_else(|| text.rfind('\''))?;
                (start <= end).then_some((start, end))
            }
            // out of range: the expression with its operands
            1690 => {
                let start = text.find(" in '")? + " in '".len();
                let end = text.rfind('\'')?;
                (start <= end).then_some((start, end))
            }
            _ => None,
        };
    }
    let _ = text;
    None
}
