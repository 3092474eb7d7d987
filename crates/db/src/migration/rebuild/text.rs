//! The text of `CREATE TABLE` that SQLite keeps, and how it is changed.

/// A statement taken apart at its top-level commas.
#[derive(Debug)]
pub(super) struct TableText {
    /// What the table consists of: columns first, then constraints.
    items: Vec<String>,
    /// What follows the closing bracket: `STRICT`, `WITHOUT ROWID`.
    tail: String,
}

/// Where a clause of a column begins.
const CLAUSES: [&str; 10] = [
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "GENERATED",
];

impl TableText {
    /// Takes a statement apart; `None` when it has no list of columns (`CREATE TABLE … AS SELECT` keeps one, too).
    pub(super) fn parse(sql: &str) -> Option<Self> {
        let open = top_level(sql).find(|(_, letter)| *letter == '(')?.0;
        let body = &sql[open + 1..];
        let mut items = Vec::new();
        let (mut start, mut end) = (0, None);
        for (at, letter) in top_level(body) {
            match letter {
                ',' => {
                    items.push(body[start..at].trim().to_owned());
                    start = at + 1;
                }
                ')' => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let end = end?;
        items.push(body[start..end].trim().to_owned());
        Some(Self {
            items,
            tail: body[end + 1..].trim().to_owned(),
        })
    }

    /// The statement for a table of this name.
    pub(super) fn create(&self, table: &str) -> String {
        let items = self.items.join(", ");
        format!("CREATE TABLE {} ({items}) {}", quoted(table), self.tail)
            .trim_end()
            .to_owned()
    }

    /// Gives a column another definition. Its keys, checks and references stay.
    pub(super) fn redefine(&mut self, column: &str, definition: &str) -> bool {
        let Some(item) = self.column(column) else {
            return false;
        };
        let kept = clauses(item)
            .into_iter()
            .filter(|clause| {
                ["UNIQUE", "CHECK", "REFERENCES", "COLLATE"]
                    .iter()
                    .any(|kept| word(clause).eq_ignore_ascii_case(kept))
                    || word(clause).eq_ignore_ascii_case("PRIMARY")
                        && !definition.contains("PRIMARY KEY")
            })
            .map(str::to_owned)
            .collect::<Vec<_>>();
        *item = std::iter::once(definition.to_owned())
            .chain(kept)
            .collect::<Vec<_>>()
            .join(" ");
        true
    }

    /// Adds a constraint of the table.
    pub(super) fn add(&mut self, constraint: String) {
        self.items.push(constraint);
    }

    /// Removes the reference that these columns are.
    pub(super) fn remove_reference(&mut self, columns: &[String]) -> bool {
        self.remove_constraint("FOREIGN", columns) || self.remove_clause("REFERENCES", columns)
    }

    /// Removes the promise that no two rows have the same values in these columns.
    pub(super) fn remove_unique(&mut self, columns: &[String]) -> bool {
        self.remove_constraint("UNIQUE", columns) || self.remove_clause("UNIQUE", columns)
    }

    fn remove_constraint(&mut self, keyword: &str, columns: &[String]) -> bool {
        let before = self.items.len();
        self.items.retain(|item| {
            let bare = match item.get(..10) {
                Some(word) if word.eq_ignore_ascii_case("CONSTRAINT") => {
                    let rest = item[10..].trim_start();
                    &rest[name_end(rest)..]
                }
                _ => item.as_str(),
            }
            .trim_start();
            let is_it = bare
                .get(..keyword.len())
                .is_some_and(|word| word.eq_ignore_ascii_case(keyword))
                && listed(bare).is_some_and(|found| found == columns);
            !is_it
        });
        self.items.len() < before
    }

    fn remove_clause(&mut self, keyword: &str, columns: &[String]) -> bool {
        let [column] = columns else { return false };
        let Some(item) = self.column(column) else {
            return false;
        };
        let found = clauses(item)
            .into_iter()
            .find(|clause| word(clause).eq_ignore_ascii_case(keyword))
            .map(str::to_owned);
        let Some(found) = found else { return false };
        *item = item.replacen(&found, "", 1).trim_end().to_owned();
        true
    }

    fn column(&mut self, name: &str) -> Option<&mut String> {
        self.items
            .iter_mut()
            .find(|item| bare_name(&item[..name_end(item)]).eq_ignore_ascii_case(name))
    }
}

/// A name as SQLite takes every one.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The letters outside of brackets, texts and comments, with their places; an opening bracket is one of them, so is the
/// closing one that nothing has opened.
fn top_level(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let (mut depth, mut until): (usize, Option<&str>) = (0, None);
    let mut skip = 0;
    text.char_indices().filter_map(move |(at, letter)| {
        if at < skip {
            return None;
        }
        if let Some(end) = until {
            if text[at..].starts_with(end) {
                until = None;
                skip = at + end.len();
            }
            return None;
        }
        until = match letter {
            '\'' => Some("'"),
            '"' => Some("\""),
            '`' => Some("`"),
            '[' => Some("]"),
            '-' if text[at..].starts_with("--") => Some("\n"),
            '/' if text[at..].starts_with("/*") => Some("*/"),
            _ => None,
        };
        match letter {
            _ if until.is_some() => return None,
            '(' => {
                depth += 1;
                return (depth == 1).then_some((at, letter));
            }
            ')' if depth > 0 => {
                depth -= 1;
                return None;
            }
            _ => {}
        }
        (depth == 0).then_some((at, letter))
    })
}

/// Where the name that an item begins with ends.
fn name_end(item: &str) -> usize {
    let close = match item.chars().next() {
        Some('"') => '"',
        Some('`') => '`',
        Some('[') => ']',
        _ => {
            return item
                .find(|letter: char| letter.is_whitespace() || letter == '(')
                .unwrap_or(item.len());
        }
    };
    let mut rest = item.char_indices().skip(1).peekable();
    while let Some((at, letter)) = rest.next() {
        if letter == close {
            match rest.peek() {
                // doubled, it stands for itself
                Some((_, next)) if *next == close => drop(rest.next()),
                _ => return at + 1,
            }
        }
    }
    item.len()
}

fn bare_name(name: &str) -> String {
    let name = name.trim();
    for (open, close) in [('"', '"'), ('`', '`'), ('[', ']')] {
        if let Some(inner) = name
            .strip_prefix(open)
            .and_then(|it| it.strip_suffix(close))
        {
            return inner.replace(&format!("{close}{close}"), &close.to_string());
        }
    }
    name.to_owned()
}

/// The names in the first brackets of a constraint.
fn listed(constraint: &str) -> Option<Vec<String>> {
    let open = top_level(constraint).find(|(_, letter)| *letter == '(')?.0;
    let inside = &constraint[open + 1..];
    let end = top_level(inside).find(|(_, letter)| *letter == ')')?.0;
    let inside = &inside[..end];
    Some(inside.split(',').map(bare_name).collect())
}

/// The clauses behind the name and the type of a column.
fn clauses(item: &str) -> Vec<&str> {
    let letters: Vec<(usize, char)> = top_level(item).collect();
    let mut words: Vec<(usize, &str)> = Vec::new();
    let mut start = None;
    for (at, letter) in letters
        .iter()
        .copied()
        .chain([(item.len(), ' ')])
        .skip_while(|(at, _)| *at < name_end(item))
    {
        let inside = letter.is_ascii_alphanumeric() || letter == '_';
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, &item[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    let is = |at: usize, word: &str| {
        words
            .get(at)
            .is_some_and(|(_, it)| it.eq_ignore_ascii_case(word))
    };
    let mut starts = Vec::new();
    for (index, (at, word)) in words.iter().enumerate() {
        let begins = CLAUSES.iter().any(|it| it.eq_ignore_ascii_case(word));
        let before = index.checked_sub(1);
        let continues = before.is_some_and(|before| {
            (["NOT", "SET", "DEFAULT"].iter().any(|it| is(before, it)))
                && !is(index, "NOT")
                && !is(index, "UNIQUE")
        }) || is(index, "NOT") && is(index + 1, "DEFERRABLE");
        if begins && !continues {
            starts.push(*at);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([item.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| item[*start..end].trim())
        .collect()
}

fn word(clause: &str) -> &str {
    clause
        .split(|letter: char| !letter.is_ascii_alphabetic())
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{TableText, clauses};

    const NOTES: &str = "CREATE TABLE \"notes\" ( \"id\" integer NOT NULL PRIMARY KEY AUTOINCREMENT, words varchar(20) \
        DEFAULT 'a,(b' NOT NULL UNIQUE CHECK (length(words) > 0), [tea] int REFERENCES teas (id) ON DELETE SET NULL, \
        -- a comment, with (\n price real(10, 2) DEFAULT NULL, UNIQUE (\"tea\", price), \
        CONSTRAINT \"c\" FOREIGN KEY (\"tea\") REFERENCES \"teas\" (\"id\") ) STRICT";

    #[test]
    fn a_table_is_taken_apart_and_put_together() {
        let table = TableText::parse(NOTES).unwrap();
        assert_eq!(table.items.len(), 6, "{table:#?}");
        assert_eq!(table.tail, "STRICT");
        assert!(table.create("no\"tes").starts_with(
            "CREATE TABLE \"no\"\"tes\" (\"id\" integer NOT NULL PRIMARY KEY AUTOINCREMENT, words"
        ));
        assert!(TableText::parse("CREATE TABLE x").is_none());
    }

    #[test]
    fn a_column_is_a_name_a_type_and_clauses() {
        assert_eq!(
            clauses("words varchar(20) DEFAULT 'a,(b' NOT NULL UNIQUE CHECK (length(words) > 0)"),
            [
                "DEFAULT 'a,(b'",
                "NOT NULL",
                "UNIQUE",
                "CHECK (length(words) > 0)"
            ]
        );
        assert_eq!(
            clauses(
                "[default] int REFERENCES t (id) ON DELETE SET NULL NOT DEFERRABLE DEFAULT NULL NOT NULL"
            ),
            [
                "REFERENCES t (id) ON DELETE SET NULL NOT DEFERRABLE",
                "DEFAULT NULL",
                "NOT NULL"
            ]
        );
    }

    #[test]
    fn another_definition_keeps_keys_checks_and_references() {
        let mut table = TableText::parse(NOTES).unwrap();
        assert!(table.redefine("words", "\"words\" text"));
        assert_eq!(
            table.items[1],
            "\"words\" text UNIQUE CHECK (length(words) > 0)"
        );
        assert!(table.redefine("ID", "\"id\" bigint NOT NULL"));
        assert_eq!(
            table.items[0],
            "\"id\" bigint NOT NULL PRIMARY KEY AUTOINCREMENT"
        );
        assert!(!table.redefine("none", "x"));
    }

    #[test]
    fn promises_are_removed_wherever_they_are_written() {
        let names = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let mut table = TableText::parse(NOTES).unwrap();
        assert!(table.remove_unique(&names(&["words"])));
        assert!(table.remove_unique(&names(&["tea", "price"])));
        assert!(!table.remove_unique(&names(&["price"])));
        assert!(table.remove_reference(&names(&["tea"])));
        assert!(table.remove_reference(&names(&["tea"])));
        assert!(!table.remove_reference(&names(&["tea"])));
        let text = table.create("notes");
        assert!(
            !text.contains("UNIQUE") && !text.contains("REFERENCES"),
            "{text}"
        );
    }
}
