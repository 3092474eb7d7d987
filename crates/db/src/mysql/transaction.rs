//! How a transaction begins.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::transaction::Begin;

/// What begins a transaction; without an isolation level, in the one that the server has as its default. A level is set
/// for the next transaction by a statement of its own, which goes the same way.
pub(super) fn begin(begin: &Begin) -> SqlStr {
    let start = if begin.read_only {
        "START TRANSACTION READ ONLY"
    } else {
        "START TRANSACTION"
    };
    match begin.isolation {
        None => SqlStr::from_static(start),
        Some(level) => AssertSqlSafe(format!("SET TRANSACTION ISOLATION LEVEL {level}; {start}"))
            .into_sql_str(),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::IsolationLevel;

    use super::*;

    #[test]
    fn only_what_is_asked_for_is_said() {
        let mut asked = Begin::default();
        assert_eq!(begin(&asked).as_str(), "START TRANSACTION");
        asked.read_only = true;
        assert_eq!(begin(&asked).as_str(), "START TRANSACTION READ ONLY");
        asked.isolation = Some(IsolationLevel::Serializable);
        assert_eq!(
            begin(&asked).as_str(),
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; START TRANSACTION READ ONLY"
        );
    }
}
