//! Which reads only the primary may answer.

/// Says whether a `SELECT` takes a lock, or does something else that means nothing on a replica: advisory locks, numbers of
/// a sequence, writing its rows somewhere.
///
/// Looks at words, not at grammar, so that nothing can hide a lock from it. Where it is wrong (a text constant that
/// contains `for update`), the primary answers what a replica could have.
pub(crate) fn needs_primary(sql: &str) -> bool {
    let (mut has_for, mut has_lock) = (false, false);
    Words(sql).any(|word| {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        // the first letter rules out most words
        match word.as_bytes().first().map(u8::to_ascii_lowercase) {
            Some(b'f') if is("for") => has_for = true,
            Some(b'l') if is("lock") => has_lock = true,
            Some(b'l') => return is("last_insert_id"),
            Some(b'u') => return has_for && is("update"),
            Some(b'k') => return has_for && is("key"),
            Some(b's') => return (has_for || has_lock) && is("share") || is("setval"),
            Some(b'i') => return is("into"),
            Some(b'g') => return is("get_lock"),
            Some(b'r') => return is("release_lock") || is("release_all_locks"),
            Some(b'n') => return is("nextval"),
            Some(b'p') => {
                return begins(word, "pg_advisory_") || begins(word, "pg_try_advisory_");
            }
            _ => {}
        }
        false
    })
}

fn begins(word: &str, start: &str) -> bool {
    word.get(..start.len())
        .is_some_and(|it| it.eq_ignore_ascii_case(start))
}

/// The runs of letters, digits and underscores in a text.
struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.0.as_bytes();
        let start = bytes.iter().position(|it| is_letter(*it))?;
        let length = bytes[start..].iter().position(|it| !is_letter(*it));
        let end = length.map_or(bytes.len(), |length| start + length);
        // both lie beside ASCII, or at the end of the text
        let (word, rest) = (self.0.get(start..end), self.0.get(end..));
        self.0 = rest.unwrap_or_default();
        word
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::needs_primary;

    #[test]
    fn what_locks_or_counts_is_for_the_primary() {
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
            "SELECT nextval('s')",
            "SELECT LAST_INSERT_ID()",
            "SELECT * INTO u FROM t",
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
            "SELECT pg_advisor FROM t",
            "",
        ] {
            assert!(!needs_primary(sql), "{sql}");
        }
    }
}
