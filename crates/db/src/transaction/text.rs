//! Statements that would begin or end a transaction behind the back of its handle.

use super::Fault;

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

/// Refuses them: the levels of the transaction would no longer be what their holders believe.
pub(super) fn allowed(sql: &str) -> Result<(), Fault> {
    let word = first_word(sql);
    let control = CONTROL
        .into_iter()
        .find(|control| word.eq_ignore_ascii_case(control));
    control.map_or(Ok(()), |control| Err(Fault::Control(control)))
}

/// The first word behind blanks and comments.
fn first_word(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        let after = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map(|(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map(|(_, after)| after)
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphabetic());
            return &rest[..end.unwrap_or(rest.len())];
        };
        rest = after.unwrap_or_default().trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_moves_the_transaction_is_refused() {
        for sql in [
            "commit",
            " BEGIN;",
            "-- done\n/* yes */ Rollback to x",
            "END",
        ] {
            assert!(matches!(allowed(sql), Err(Fault::Control(_))), "{sql}");
        }
        for sql in [
            "",
            "CREATE TABLE t (id INTEGER)",
            "ENDLESS",
            "-- commit",
            "SET x = 1",
        ] {
            assert!(allowed(sql).is_ok(), "{sql}");
        }
    }
}
