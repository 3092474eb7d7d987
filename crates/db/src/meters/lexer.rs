//! SQL text in pieces, as far as telemetry has to understand it: what is a literal, what is a name, what is neither.

use sea_orm::DbBackend;

/// A piece of SQL text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A keyword or a plain name.
    Word(&'a str),
    /// A quoted name, in its quotes.
    Name(&'a str),
    /// A string or a number: what a person may have typed.
    Literal,
    /// The place of a bound parameter.
    Parameter(&'a str),
    /// Any other sign.
    Sign(char),
    /// Blanks and comments.
    Space,
}

/// Reads pieces off the front of a text; a text that ends inside of a literal ends with it.
pub(super) struct Pieces<'a> {
    rest: &'a str,
    backend: DbBackend,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(text: &'a str, backend: DbBackend) -> Self {
        Self {
            rest: text,
            backend,
        }
    }

    /// Splits off the first `length` bytes.
    fn take(&mut self, length: usize) -> &'a str {
        let (piece, rest) = self.rest.split_at(length);
        self.rest = rest;
        piece
    }

    /// The length of what is quoted by `quote` from the front on; doubled quotes belong to it.
    fn quoted(&self, start: usize, quote: u8, escapes: bool) -> usize {
        let bytes = self.rest.as_bytes();
        let mut at = start + 1;
        while let Some(byte) = bytes.get(at) {
            if *byte == b'\\' && escapes {
                at += 2;
            } else if *byte == quote {
                if bytes.get(at + 1) != Some(&quote) {
                    return at + 1;
                }
                at += 2;
            } else {
                at += 1;
            }
        }
        bytes.len()
    }

    /// The length of a text between two `$tag$` of PostgreSQL.
    fn dollar_quoted(&self) -> Option<usize> {
        let end = self.rest[1..].find('$')? + 2;
        let tag = &self.rest[..end];
        let plain = tag[1..end - 1]
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !plain || tag[1..].starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let close = self.rest[end..].find(tag);
        Some(close.map_or(self.rest.len(), |close| end + close + tag.len()))
    }

    fn while_name(&self, start: usize) -> usize {
        let name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        self.rest[start..]
            .find(|c| !name(c))
            .map_or(self.rest.len(), |end| start + end)
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let first = self.rest.chars().next()?;
        let mysql = self.backend == DbBackend::MySql;
        let second = self.rest.as_bytes().get(1).copied().unwrap_or_default();
        Some(match first {
            _ if first.is_whitespace() => {
                let blank = self.rest.find(|c: char| !c.is_whitespace());
                self.take(blank.unwrap_or(self.rest.len()));
                Piece::Space
            }
            '-' if second == b'-' => {
                let line = self.rest.find('\n');
                self.take(line.unwrap_or(self.rest.len()));
                Piece::Space
            }
            '#' if mysql => {
                let line = self.rest.find('\n');
                self.take(line.unwrap_or(self.rest.len()));
                Piece::Space
            }
            '/' if second == b'*' => {
                let end = self.rest.find("*/").map(|end| end + 2);
                self.take(end.unwrap_or(self.rest.len()));
                Piece::Space
            }
            '\'' => {
                self.take(self.quoted(0, b'\'', mysql));
                Piece::Literal
            }
            '"' if mysql => {
                self.take(self.quoted(0, b'"', true));
                Piece::Literal
            }
            '"' => Piece::Name(self.take(self.quoted(0, b'"', false))),
            '`' => Piece::Name(self.take(self.quoted(0, b'`', false))),
            // strings with a mark in front: escapes, bits, bytes, national characters
            'e' | 'E' | 'b' | 'B' | 'x' | 'X' | 'n' | 'N' if second == b'\'' => {
                let escapes = mysql || matches!(first, 'e' | 'E');
                self.take(self.quoted(1, b'\'', escapes));
                Piece::Literal
            }
            '?' => Piece::Parameter(self.take(1)),
            '$' if second.is_ascii_digit() => {
                let end = self.rest[1..].find(|c: char| !c.is_ascii_digit());
                Piece::Parameter(self.take(end.map_or(self.rest.len(), |end| end + 1)))
            }
            '$' if self.backend == DbBackend::Postgres
                && let Some(end) = self.dollar_quoted() =>
            {
                self.take(end);
                Piece::Literal
            }
            '0'..='9' => {
                // digits, a point, an exponent, hexadecimal digits
                self.take(self.while_name(0));
                while self.rest.starts_with('.') {
                    self.take(1);
                    self.take(self.while_name(0));
                }
                Piece::Literal
            }
            _ if first.is_alphabetic() || first == '_' => {
                Piece::Word(self.take(self.while_name(0)))
            }
            other => {
                self.take(other.len_utf8());
                Piece::Sign(other)
            }
        })
    }
}
