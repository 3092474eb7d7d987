//! Which reads only the primary may answer.

use memchr::memchr2_iter;

/// Says whether a `SELECT` takes a lock, or does something else that means nothing on a replica: advisory locks, a file on
/// the server.
///
/// Looks at words, not at grammar, so that nothing can hide a lock from it. Where it is wrong (a text constant that
/// contains `for update`), the primary answers what a replica could have. What would write is not looked for: the replica
/// refuses it. It is asked for every read, so it looks at rare letters first.
pub(crate) fn needs_primary(sql: &str) -> bool {
    let bytes = sql.as_bytes();
    // what follows the first of them holds what follows the others
    let (mut is_first_for, mut is_first_lock) = (true, true);
    let of_f =
        words(bytes, memchr2_iter(b'f', b'F', bytes)).any(|(word, rest)| match is(word, b"for") {
            true => {
                std::mem::take(&mut is_first_for) && has_word(rest, &[b"update", b"share", b"key"])
            }
            false => is(word, b"outfile") || is(word, b"dumpfile"),
        });
    of_f || words(bytes, memchr2_iter(b'k', b'K', bytes)).any(|(word, rest)| {
        match is(word, b"lock") {
            true => std::mem::take(&mut is_first_lock) && has_word(rest, &[b"share"]),
            false => is_lock_function(word),
        }
    })
}

/// The words (letters, digits and underscores) around these places, each once, with what follows them. No byte is looked at
/// more often than twice, however long a word is.
fn words(
    bytes: &[u8],
    places: impl Iterator<Item = usize>,
) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut done = 0;
    places.filter_map(move |at| {
        if at < done {
            return None;
        }
        let before = bytes[done..at].iter().rev();
        let start = at - before.take_while(|it| is_letter(**it)).count();
        let after = bytes[at..].iter().take_while(|it| is_letter(**it)).count();
        done = at + after;
        Some((&bytes[start..done], &bytes[done..]))
    })
}

/// The functions that hold, free or look at a lock of the server's: of MySQL and MariaDB, and the families of PostgreSQL.
fn is_lock_function(word: &[u8]) -> bool {
    let begins = |start: &[u8]| word.get(..start.len()).is_some_and(|it| is(it, start));
    [
        b"get_lock".as_slice(),
        b"release_lock",
        b"release_all_locks",
        b"is_free_lock",
        b"is_used_lock",
    ]
    .iter()
    .any(|name| is(word, name))
        || begins(b"pg_advisory_")
        || begins(b"pg_try_advisory_")
}

fn is(word: &[u8], name: &[u8]) -> bool {
    word.eq_ignore_ascii_case(name)
}

fn has_word(bytes: &[u8], names: &[&[u8]]) -> bool {
    bytes
        .split(|it| !is_letter(*it))
        .any(|word| names.iter().any(|name| is(word, name)))
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::needs_primary;

    #[test]
    fn what_locks_is_for_the_primary() {
        for sql in [
            "SELECT * FROM t FOR UPDATE",
            "select * from t for  update skip locked",
            "SELECT * FROM t\nFOR\tSHARE",
            "SELECT * FROM t FOR NO KEY UPDATE",
            "SELECT * FROM t FOR KEY SHARE OF t",
            "SELECT * FROM t LOCK IN SHARE MODE",
            "SELECT * FROM t FOR/* now */UPDATE",
            "SELECT * FROM t FOR -- now\n UPDATE",
            "SELECT '--' FROM t FOR UPDATE",
            "SELECT '/*' FROM t FOR UPDATE",
            "SELECT 'größer' FROM t FOR UPDATE",
            "SELECT * FROM t /*! FOR UPDATE */",
            "SELECT pg_advisory_lock(1)",
            "SELECT PG_TRY_ADVISORY_XACT_LOCK(1)",
            "SELECT GET_LOCK('a', 1)",
            "SELECT RELEASE_LOCK('a')",
            "SELECT 1 FOR UPDATE",
            "FOR UPDATE",
            "SELECT clock FROM t LOCK IN SHARE MODE",
            "SELECT * FROM t INTO OUTFILE '/tmp/t'",
        ] {
            assert!(needs_primary(sql), "{sql}");
        }
    }

    #[test]
    fn what_reads_is_for_the_replicas() {
        for sql in [
            "SELECT 1",
            "SELECT \"teas\".\"key\", \"share\" FROM \"teas\" WHERE \"teas\".\"lock\" = $1 LIMIT $2",
            "SELECT substring(a for 3) FROM t",
            "SELECT * FROM update_for WHERE before = 1",
            "SELECT * FROM forupdate",
            "SELECT 'größer' FROM t",
            "SELECT pg_advisor, row_lock, locked, clock_timestamp() FROM t",
            "SELECT f, k, F, K FROM for_f",
            "",
        ] {
            assert!(!needs_primary(sql), "{sql}");
        }
    }

    #[test]
    fn a_long_statement_costs_as_much_as_it_is_long() {
        // quadratic, each of these would take minutes
        let long = 1_000_000;
        for sql in [
            format!("SELECT '{}'", "f".repeat(long)),
            format!("SELECT '{}'", "k".repeat(long)),
            format!("SELECT {}", "for lock ".repeat(long / 9)),
            format!("SELECT * FROM t WHERE k IN ({}?)", "?, ".repeat(long / 3)),
        ] {
            assert!(!needs_primary(&sql));
            assert!(needs_primary(&format!("{sql} FOR UPDATE")));
        }
    }
}
