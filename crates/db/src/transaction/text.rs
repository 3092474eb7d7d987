//! Statements that would begin or end a transaction behind the back of its handle.

use memchr::memchr;
use sea_orm::DbBackend;

use super::Fault;
use crate::{
    migration::{Token, split},
    statement::Operation,
};

const CONTROL: [&str; 8] = [
    "BEGIN",
    "START",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT",
    "RELEASE",
];

/// What MySQL and MariaDB commit before and after, whatever follows the word
/// (<https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html>). The list is theirs: it is no part of their protocol.
const DEFINES: [&str; 16] = [
    "ALTER",
    "CREATE",
    "DROP",
    "TRUNCATE",
    "RENAME",
    "GRANT",
    "REVOKE",
    "INSTALL",
    "UNINSTALL",
    "OPTIMIZE",
    "REPAIR",
    "FLUSH",
    "RESET",
    "STOP",
    "CHANGE",
    "CACHE",
];

/// The same, of those whose second word matters.
const DEFINES_WITH: [(&str, &[&str]); 6] = [
    (
        "ANALYZE",
        &["TABLE", "TABLES", "LOCAL", "NO_WRITE_TO_BINLOG"],
    ),
    ("CHECK", &["TABLE", "TABLES", "VIEW"]),
    ("LOAD", &["INDEX"]),
    ("LOCK", &["TABLE", "TABLES"]),
    ("UNLOCK", &["TABLE", "TABLES"]),
    ("SET", &["PASSWORD"]),
];

/// Refuses them, wherever they stand in a text: the levels of the transaction would no longer be what their holders believe.
/// What runs inside of a routine is not seen.
pub(super) fn allowed(operation: Operation, sql: &str, backend: DbBackend) -> Result<(), Fault> {
    if operation != Operation::Other && memchr(b';', sql.as_bytes()).is_none() {
        return Ok(());
    }
    for statement in split(sql, backend) {
        let words: Vec<&str> = statement
            .tokens
            .iter()
            .filter_map(|token| match token {
                Token::Word(word) => Some(word.as_str()),
                _ => None,
            })
            .collect();
        check(&words, backend)?;
    }
    Ok(())
}

/// Checks one statement by its words, which are in upper case.
fn check(words: &[&str], backend: DbBackend) -> Result<(), Fault> {
    let (first, second) = (at(words, 0), at(words, 1));
    if let Some(control) = CONTROL.into_iter().find(|it| *it == first) {
        return Err(Fault::Control(control));
    }
    if (first, second) == ("PREPARE", "TRANSACTION") {
        return Err(Fault::Control("PREPARE TRANSACTION"));
    }
    if backend != DbBackend::MySql {
        return Ok(());
    }
    if first == "SET" && words.contains(&"AUTOCOMMIT") {
        return Err(Fault::Control("SET autocommit"));
    }
    let is_temporary = words.iter().take(4).any(|it| *it == "TEMPORARY");
    let stays = match first {
        "CREATE" | "DROP" => is_temporary || second == "PREPARE",
        _ => false,
    };
    let plain = DEFINES.into_iter().find(|it| *it == first && !stays);
    let paired = DEFINES_WITH
        .into_iter()
        .find(|(word, then)| *word == first && then.contains(&second))
        .map(|(word, _)| word);
    plain
        .or(paired)
        .map_or(Ok(()), |word| Err(Fault::Definition(word)))
}

fn at<'a>(words: &[&'a str], index: usize) -> &'a str {
    words.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use sea_orm::DatabaseBackend::{MySql, Postgres, Sqlite};

    use super::*;

    fn refused(sql: &str, backend: DbBackend) -> Option<Fault> {
        allowed(Operation::of(sql), sql, backend).err()
    }

    #[test]
    fn only_what_moves_the_transaction_is_refused() {
        for backend in [Sqlite, Postgres, MySql] {
            for sql in [
                "commit",
                " BEGIN;",
                "-- done\n/* yes */ Rollback to x",
                "END",
                "SELECT 1; COMMIT",
                "INSERT INTO t VALUES (';'); /* now */ ; release x",
            ] {
                let fault = refused(sql, backend);
                assert!(matches!(fault, Some(Fault::Control(_))), "{sql}: {fault:?}");
            }
            for sql in [
                "",
                "ENDLESS",
                "-- commit",
                "SET x = 1",
                "SELECT 1; SELECT 2",
                "INSERT INTO t VALUES ('; COMMIT')",
                "CREATE TEMPORARY TABLE t (id INTEGER)",
                "SELECT ';' -- ; COMMIT",
            ] {
                let fault = refused(sql, backend);
                assert!(fault.is_none(), "{sql}: {fault:?}");
            }
        }
        let prepare = refused("PREPARE TRANSACTION 'x'", Postgres);
        assert!(matches!(prepare, Some(Fault::Control(_))));
    }

    #[test]
    fn a_body_of_several_statements_is_one() {
        let trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END; SELECT 1";
        assert!(refused(trigger, Sqlite).is_none());
        assert!(refused(&format!("{trigger}; END"), Sqlite).is_some());
        assert!(refused("DO $$ BEGIN PERFORM 1; END $$", Postgres).is_none());
    }

    #[test]
    fn what_would_commit_silently_is_refused_where_it_would() {
        for sql in [
            "CREATE TABLE t (id INTEGER)",
            "create or replace view v as select 1",
            "/* first */ ALTER TABLE t ADD COLUMN a INT",
            "INSERT INTO t VALUES (1); DROP TABLE t",
            "/*!50001 DROP TABLE t */",
            "INSERT INTO t VALUES (1); /*M!100100 TRUNCATE t */",
            "# first\nRENAME TABLE a TO b",
            "ANALYZE TABLE t",
            "LOCK TABLES t READ",
            "SET PASSWORD = 'x'",
        ] {
            let fault = refused(sql, MySql);
            assert!(
                matches!(fault, Some(Fault::Definition(_))),
                "{sql}: {fault:?}"
            );
        }
        for sql in [
            "CREATE OR REPLACE TEMPORARY TABLE t (id INTEGER)",
            "DROP TEMPORARY TABLE t",
            "ANALYZE SELECT 1",
            "LOAD DATA INFILE 'x' INTO TABLE t",
            "REPLACE INTO t VALUES ('DROP TABLE t')",
            "CALL p()",
        ] {
            let fault = refused(sql, MySql);
            assert!(fault.is_none(), "{sql}: {fault:?}");
        }
        for backend in [Sqlite, Postgres] {
            assert!(refused("CREATE TABLE t (id INTEGER)", backend).is_none());
        }
        let set = refused("SET SESSION autocommit = 1", MySql);
        assert!(matches!(set, Some(Fault::Control(_))));
    }
}
