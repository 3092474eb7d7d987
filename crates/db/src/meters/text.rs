//! What telemetry says about a statement: its text without literals, and a summary of few words.

use sea_orm::DbBackend;

use super::lexer::{Piece, Pieces};

/// The longest text that is written down.
const LONGEST: usize = 2048;
/// As far as a text is read for its summary.
const READ: usize = 4096;
/// The most tables a summary names.
const TABLES: usize = 3;

/// The operations that are named; anything else goes without a name, so that their number is bounded.
const OPERATIONS: [&str; 22] = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "CREATE", "ALTER", "DROP",
    "TRUNCATE", "CALL", "EXPLAIN", "ANALYZE", "VACUUM", "PRAGMA", "SET", "SHOW", "COPY", "LOCK",
    "REFRESH", "COMMENT", "GRANT",
];

/// What a statement does to which tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// `db.operation.name`, of a closed list.
    pub(super) operation: Option<&'static str>,
    /// `db.collection.name`, when there is one alone.
    pub(super) collection: Option<String>,
    /// `db.query.summary`: the operation and its tables.
    pub(super) words: String,
}

/// A text without what a person may have typed: literals are `?`, comments are gone, blanks are single.
pub(super) fn sanitized(text: &str, backend: DbBackend) -> String {
    let mut clean = String::with_capacity(text.len().min(LONGEST));
    for piece in Pieces::of(text, backend) {
        match piece {
            Piece::Word(it) | Piece::Name(it) | Piece::Parameter(it) => clean.push_str(it),
            Piece::Literal => clean.push('?'),
            Piece::Sign(it) => clean.push(it),
            Piece::Space if clean.is_empty() || clean.ends_with(' ') => {}
            Piece::Space => clean.push(' '),
        }
        if clean.len() > LONGEST {
            return shortened(&clean);
        }
    }
    clean.truncate(clean.trim_end().len());
    clean
}

/// A text up to the longest that is written down.
pub(super) fn shortened(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let mut short = text[..text.floor_char_boundary(LONGEST)].to_owned();
    short.push('…');
    short
}

/// Reads what a statement does. Several statements in one text have no summary.
pub(super) fn summarize(text: &str, backend: DbBackend) -> Summary {
    let read = &text[..text.floor_char_boundary(READ)];
    let mut pieces = Pieces::of(read, backend)
        .filter(|piece| *piece != Piece::Space)
        .peekable();
    let mut operation = None;
    let mut tables: Vec<String> = Vec::new();
    let (mut expected, mut depth) = (false, 0_u32);
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Sign('(') => {
                (expected, depth) = (false, depth + 1);
            }
            Piece::Sign(')') => depth = depth.saturating_sub(1),
            Piece::Sign(';') if pieces.peek().is_some() => return Summary::default(),
            Piece::Word(word) if expected && is_filler(word) => {}
            Piece::Word(name) | Piece::Name(name) if expected => {
                let mut table = bare(name);
                while pieces.next_if_eq(&Piece::Sign('.')).is_some() {
                    if let Some(Piece::Word(name) | Piece::Name(name)) = pieces.next() {
                        table.push('.');
                        table.push_str(&bare(name));
                    }
                }
                expected = false;
                // a function, such as `FROM json_each(…)`
                let function =
                    pieces.peek() == Some(&Piece::Sign('(')) && operation == Some("SELECT");
                if !function && !tables.contains(&table) {
                    tables.push(table);
                }
            }
            Piece::Word(word) => {
                if operation.is_none() && depth == 0 {
                    operation = named(word);
                }
                expected = introduces(word, operation);
            }
            _ => expected = false,
        }
    }
    let words: Vec<_> = operation
        .into_iter()
        .chain(tables.iter().take(TABLES).map(String::as_str))
        .collect();
    let words = words.join(" ");
    Summary {
        operation,
        words,
        collection: (tables.len() == 1).then(|| tables.remove(0)),
    }
}

/// The operation of the list that a word is.
fn named(word: &str) -> Option<&'static str> {
    OPERATIONS
        .into_iter()
        .find(|operation| word.eq_ignore_ascii_case(operation))
}

/// Says whether the name of a table follows a word.
fn introduces(word: &str, operation: Option<&str>) -> bool {
    let is = |wanted: &str| word.eq_ignore_ascii_case(wanted);
    match operation {
        Some("UPDATE") => is("UPDATE") || is("JOIN"),
        Some("INSERT" | "REPLACE" | "MERGE") => is("INTO") || is("FROM") || is("JOIN"),
        Some("CREATE" | "ALTER" | "DROP") => is("TABLE"),
        Some("TRUNCATE") => is("TRUNCATE") || is("TABLE"),
        Some(_) => is("FROM") || is("JOIN"),
        None => false,
    }
}

/// Words that may stand between such a word and the name.
fn is_filler(word: &str) -> bool {
    [
        "IF",
        "NOT",
        "EXISTS",
        "ONLY",
        "TABLE",
        "LATERAL",
        "OR",
        "IGNORE",
        "LOW_PRIORITY",
    ]
    .iter()
    .any(|filler| word.eq_ignore_ascii_case(filler))
}

/// A name without its quotes.
fn bare(name: &str) -> String {
    name.trim_matches(['"', '`']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_may_have_typed_is_left_out() {
        for (backend, text, clean) in [
            (
                DbBackend::Sqlite,
                "SELECT * FROM \"notes\"\n WHERE a = 'it''s me' AND b2 = -4.5e3 -- note\n AND c = ?",
                "SELECT * FROM \"notes\" WHERE a = ? AND b2 = -? AND c = ?",
            ),
            (
                DbBackend::Postgres,
                "/* hi */ SELECT $$secret$$, $a$se$cr$et$a$, E'it\\'s', 'C:\\', $1, x'ff' , 0xdead",
                "SELECT ?, ?, ?, ?, $1, ? , ?",
            ),
            (
                DbBackend::MySql,
                "SELECT 'it\\'s', \"say \\\"hi\\\"\", `name` FROM `t` # end",
                "SELECT ?, ?, `name` FROM `t`",
            ),
            (DbBackend::Sqlite, "SELECT 'never closed", "SELECT ?"),
            (DbBackend::Sqlite, "", ""),
        ] {
            assert_eq!(sanitized(text, backend), clean);
        }
        let long = format!("SELECT {}", "é, ".repeat(5000));
        assert!(sanitized(&long, DbBackend::Sqlite).len() < LONGEST + 10);
        assert!(shortened(&long).ends_with('…'));
    }

    #[test]
    fn a_summary_names_the_operation_and_its_tables() {
        for (text, words, collection) in [
            (
                "SELECT \"notes\".\"id\" FROM \"notes\" WHERE \"notes\".\"id\" = ? LIMIT ?",
                "SELECT notes",
                Some("notes"),
            ),
            (
                "insert into `shop`.`t` (`a`) values (?)",
                "INSERT shop.t",
                Some("shop.t"),
            ),
            (
                "UPDATE notes SET a = (SELECT b FROM c)",
                "UPDATE notes",
                Some("notes"),
            ),
            ("DELETE FROM notes", "DELETE notes", Some("notes")),
            (
                "SELECT * FROM a LEFT JOIN b ON a.x = b.x",
                "SELECT a b",
                None,
            ),
            (
                "SELECT count(*) FROM (SELECT 1 FROM a) AS s",
                "SELECT a",
                Some("a"),
            ),
            ("SELECT 1", "SELECT", None),
            ("SELECT value FROM json_each(?)", "SELECT", None),
            (
                "WITH n AS (SELECT 1 FROM a) SELECT * FROM n",
                "SELECT n",
                Some("n"),
            ),
            (
                "CREATE TABLE IF NOT EXISTS notes (id INTEGER)",
                "CREATE notes",
                Some("notes"),
            ),
            ("TRUNCATE notes", "TRUNCATE notes", Some("notes")),
            ("SELECT 1;", "SELECT", None),
            ("SELECT 1; DROP TABLE notes", "", None),
            ("FROBNICATE notes", "", None),
        ] {
            let summary = summarize(
                text,
                if text.contains('`') {
                    DbBackend::MySql
                } else {
                    DbBackend::Sqlite
                },
            );
            assert_eq!(
                (summary.words.as_str(), summary.collection.as_deref()),
                (words, collection),
                "{text}"
            );
        }
    }
}
