//! How a transaction begins.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::transaction::Begin;

/// What begins a transaction; without an isolation level, in the one that the server has as its default. PostgreSQL takes
/// "read uncommitted" for "read committed".
pub(super) fn begin(begin: &Begin) -> SqlStr {
    let level = begin
        .isolation
        .map(|level| format!(" ISOLATION LEVEL {level}"));
    let access = if begin.read_only { " READ ONLY" } else { "" };
    match level {
        None if !begin.read_only => SqlStr::from_static("BEGIN"),
        level => {
            AssertSqlSafe(format!("BEGIN{}{access}", level.unwrap_or_default())).into_sql_str()
        }
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::IsolationLevel;

    use super::*;

    #[test]
    fn only_what_is_asked_for_is_said() {
        let mut asked = Begin::default();
        assert_eq!(begin(&asked).as_str(), "BEGIN");
        asked.read_only = true;
        assert_eq!(begin(&asked).as_str(), "BEGIN READ ONLY");
        asked.isolation = Some(IsolationLevel::RepeatableRead);
        assert_eq!(
            begin(&asked).as_str(),
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        );
    }
}
