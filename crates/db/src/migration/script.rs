//! SQL text as statements and words: enough of the grammar to know where a statement ends and what it is about.

use sea_orm::DbBackend;

/// One statement of a text, without its semicolon, and the words it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sql {
    /// The text, as it was written.
    pub(super) text: String,
    /// Its words, without comments.
    pub(crate) tokens: Vec<Token>,
}

/// A word of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A keyword, a number, or a name without quotes; in upper case.
    Word(String),
    /// A name in quotes, without them.
    Name(String),
    /// A literal in quotes.
    Literal,
    /// Any other sign.
    Sign(char),
}

impl Sql {
    /// Its text, without the semicolon.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl Token {
    /// Says whether it is this keyword.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word == keyword)
    }

    /// The name it may stand for, in lower case; names in quotes too, because no two tables of a sane schema differ in
    /// case alone.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Word(name) | Self::Name(name) => Some(name.to_lowercase()),
            Self::Literal | Self::Sign(_) => None,
        }
    }
}

/// Splits a text into its statements.
///
/// A semicolon ends one, unless it stands in a literal, a name in quotes, a comment, a dollar quote (PostgreSQL) or the
/// `BEGIN … END` of a trigger or routine.
pub(crate) fn split(text: &str, backend: DbBackend) -> Vec<Sql> {
    let mut statements = Vec::new();
    let mut current = Draft::default();
    let mut lexer = Lexer::new(text, backend);
    while let Some((token, range)) = lexer.next() {
        if token == Token::Sign(';') && current.depth == 0 {
            current.end(text, &mut statements);
            continue;
        }
        current.push(token, range);
    }
    current.end(text, &mut statements);
    statements
}

/// The words of one statement.
pub(super) fn tokens(text: &str, backend: DbBackend) -> Vec<Token> {
    let mut lexer = Lexer::new(text, backend);
    std::iter::from_fn(|| lexer.next().map(|(token, _)| token)).collect()
}

/// A statement that is being read.
#[derive(Default)]
struct Draft {
    tokens: Vec<Token>,
    from: Option<usize>,
    to: usize,
    /// How many `BEGIN` and `CASE` of a body are open.
    depth: usize,
    has_body: bool,
}

impl Draft {
    fn push(&mut self, token: Token, (from, to): (usize, usize)) {
        self.from.get_or_insert(from);
        self.to = to;
        if let Token::Word(word) = &token {
            let after_end = self.tokens.last().is_some_and(|last| last.is("END"));
            match word.as_str() {
                "TRIGGER" | "FUNCTION" | "PROCEDURE" | "EVENT" => {
                    self.has_body |= self.tokens.first().is_some_and(|first| first.is("CREATE"));
                }
                // `END IF` and the like close what is not counted
                "IF" | "LOOP" | "WHILE" | "REPEAT" if after_end && self.has_body => {
                    self.depth += 1;
                }
                "BEGIN" | "CASE" if self.has_body && !after_end => self.depth += 1,
                "END" if self.has_body => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        self.tokens.push(token);
    }

    fn end(&mut self, text: &str, statements: &mut Vec<Sql>) {
        let Self {
            tokens, from, to, ..
        } = std::mem::take(self);
        if let Some(from) = from {
            statements.push(Sql {
                text: text[from..to].to_owned(),
                tokens,
            });
        }
    }
}

/// Reads a text word by word, with the bytes each one takes.
struct Lexer<'a> {
    text: &'a str,
    at: usize,
    backend: DbBackend,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, backend: DbBackend) -> Self {
        Self {
            text,
            at: 0,
            backend,
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn next(&mut self) -> Option<(Token, (usize, usize))> {
        self.skip_blanks();
        let from = self.at;
        let first = self.rest().chars().next()?;
        let token = match first {
            '\'' => self.quoted('\'', Token::Literal),
            '`' => self.named('`'),
            // MySQL reads text in double quotes as a literal, but no builder and hardly anybody writes it
            '"' => self.named('"'),
            '$' if self.backend == DbBackend::Postgres => self.dollar(),
            '/' if let Some(length) = self.executed() => {
                self.at += length;
                Token::Sign('!')
            }
            _ if first.is_alphanumeric() || first == '_' => self.word(),
            _ => {
                self.at += first.len_utf8();
                Token::Sign(first)
            }
        };
        Some((token, (from, self.at)))
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            self.at += blank;
            let rest = self.rest();
            let hash = self.backend == DbBackend::MySql && rest.starts_with('#');
            if rest.starts_with("--") || hash {
                self.at += rest.find('\n').map_or(rest.len(), |end| end + 1);
            } else if self.executed().is_some() {
                return;
            } else if rest.starts_with("/*") {
                self.at += self.comment(rest);
            } else if blank == 0 {
                return;
            }
        }
    }

    /// The length of what opens a comment that MySQL or MariaDB runs, such as `/*!50001`. What is in it is no comment.
    fn executed(&self) -> Option<usize> {
        let rest = self.rest();
        let mark = ["/*!", "/*M!"].into_iter().find(|it| rest.starts_with(it));
        let inner = rest.strip_prefix(mark.filter(|_| self.backend == DbBackend::MySql)?)?;
        Some(
            rest.len()
                - inner
                    .trim_start_matches(|it: char| it.is_ascii_digit())
                    .len(),
        )
    }

    /// The length of the comment that the rest begins with; those of PostgreSQL nest.
    fn comment(&self, rest: &str) -> usize {
        let (mut depth, mut at) = (0_usize, 0);
        while let Some(next) = rest[at..].find(['/', '*']).map(|found| at + found) {
            if rest[next..].starts_with("/*") && (depth == 0 || self.backend == DbBackend::Postgres)
            {
                depth += 1;
                at = next + 2;
            } else if rest[next..].starts_with("*/") {
                depth -= 1;
                at = next + 2;
                if depth == 0 {
                    return at;
                }
            } else {
                at = next + 1;
            }
        }
        rest.len()
    }

    fn quoted(&mut self, quote: char, token: Token) -> Token {
        self.until_quote(quote);
        token
    }

    fn named(&mut self, quote: char) -> Token {
        let name = self.until_quote(quote);
        Token::Name(name.replace(&format!("{quote}{quote}"), &quote.to_string()))
    }

    /// Reads to the closing quote; a doubled one stands for itself, and in MySQL a backslash escapes.
    fn until_quote(&mut self, quote: char) -> &'a str {
        let rest = &self.rest()[1..];
        let escapes = self.backend == DbBackend::MySql
            || (self.backend == DbBackend::Postgres
                && quote == '\''
                && self.text[..self.at].ends_with(['e', 'E']));
        let mut signs = rest.char_indices().peekable();
        while let Some((index, sign)) = signs.next() {
            if sign == '\\' && escapes && quote != '`' {
                signs.next();
            } else if sign == quote && signs.next_if(|(_, next)| *next == quote).is_none() {
                self.at += index + 2;
                return &rest[..index];
            }
        }
        self.at = self.text.len();
        rest
    }

    /// `$tag$ … $tag$`, or a parameter such as `$1`.
    fn dollar(&mut self) -> Token {
        let rest = self.rest();
        let end = rest[1..].find('$').map(|end| end + 2);
        let tag = end.map(|end| &rest[..end]).filter(|tag| {
            let name = &tag[1..tag.len() - 1];
            !name.starts_with(|first: char| first.is_ascii_digit())
                && name.chars().all(|it| it.is_alphanumeric() || it == '_')
        });
        let Some(tag) = tag else {
            self.at += 1;
            return Token::Sign('$');
        };
        let body = &rest[tag.len()..];
        self.at += match body.find(tag) {
            Some(close) => tag.len() * 2 + close,
            None => rest.len(),
        };
        Token::Literal
    }

    fn word(&mut self) -> Token {
        let rest = self.rest();
        let end = rest
            .find(|it: char| !(it.is_alphanumeric() || matches!(it, '_' | '$')))
            .unwrap_or(rest.len());
        self.at += end;
        Token::Word(rest[..end].to_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::DatabaseBackend::{MySql, Postgres, Sqlite};

    fn texts(text: &str, backend: DbBackend) -> Vec<String> {
        split(text, backend).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn a_semicolon_ends_a_statement_but_not_inside_of_quotes_and_comments() {
        for backend in [Sqlite, Postgres, MySql] {
            let text = "-- first; really\nINSERT INTO t VALUES ('a;b', \"c;d\"); /* x;\ny */ SELECT 'it''s; one';;\n";
            assert_eq!(
                texts(text, backend),
                [
                    "INSERT INTO t VALUES ('a;b', \"c;d\")",
                    "SELECT 'it''s; one'"
                ]
            );
        }
        assert!(texts(" -- nothing\n;; ", Sqlite).is_empty());
    }

    #[test]
    fn each_engine_has_quotes_of_its_own() {
        assert_eq!(
            texts(
                "DO $do$ BEGIN; $$;$$ END $do$; SELECT $1; SELECT E'\\';'; /* a /* b; */ ; */ SELECT 2",
                Postgres
            ),
            [
                "DO $do$ BEGIN; $$;$$ END $do$",
                "SELECT $1",
                "SELECT E'\\';'",
                "SELECT 2"
            ]
        );
        assert_eq!(
            texts("SELECT 'a\\';b', `c;d`; # more; less\nSELECT 2", MySql),
            ["SELECT 'a\\';b', `c;d`", "SELECT 2"]
        );
        let dumped = "/*!40101 SET NAMES utf8 */; /*M!100 SET x = ';' */; /* no; */ SELECT 2";
        assert_eq!(
            texts(dumped, MySql),
            [
                "/*!40101 SET NAMES utf8 */",
                "/*M!100 SET x = ';' */",
                "SELECT 2"
            ]
        );
        assert_eq!(texts(dumped, Sqlite), ["SELECT 2"]);
        assert_eq!(
            texts("SELECT '\\'; SELECT 2", Sqlite),
            ["SELECT '\\'", "SELECT 2"]
        );
    }

    #[test]
    fn the_body_of_a_trigger_or_routine_is_one_statement() {
        let trigger = "CREATE TRIGGER t AFTER UPDATE ON a BEGIN UPDATE b SET x = CASE WHEN 1 THEN 2 END; DELETE FROM c; END";
        assert_eq!(
            texts(&format!("{trigger}; SELECT 1;"), Sqlite),
            [trigger, "SELECT 1"]
        );
        let routine = "CREATE DEFINER=`a` PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE x WHEN 1 THEN SELECT 2; END CASE; WHILE 1 DO SELECT 3; END WHILE; END";
        assert_eq!(
            texts(&format!("{routine};\nSELECT 1"), MySql),
            [routine, "SELECT 1"]
        );
        assert_eq!(
            texts("BEGIN; SELECT CASE WHEN 1 THEN 2 END; COMMIT", Sqlite).len(),
            3
        );
    }

    #[test]
    fn words_are_told_from_names_literals_and_signs() {
        assert_eq!(
            tokens("drop TABLE \"Tea\"\"s\" /* x */ ('a')", Sqlite),
            [
                Token::Word("DROP".into()),
                Token::Word("TABLE".into()),
                Token::Name("Tea\"s".into()),
                Token::Sign('('),
                Token::Literal,
                Token::Sign(')'),
            ]
        );
    }

    #[test]
    fn what_is_left_open_ends_with_the_text() {
        for open in ["SELECT 'a;", "SELECT /* a;", "SELECT \"a;"] {
            assert_eq!(split(open, Sqlite).len(), 1, "{open}");
        }
        assert_eq!(texts("DO $a$ ;", Postgres).len(), 1);
    }
}
