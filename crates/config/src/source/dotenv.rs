//! `.env` files.
//!
//! `NAME=value` a line, `#` comments, an optional `export`. Text in single quotes is literal; in double quotes `\n`,
//! `\r`, `\t`, `\"`, `\\` and `\$` are understood; both may span lines. Nothing is expanded: a `$` is a `$`, because
//! passwords have them.

use std::path::Path;
use std::sync::Arc;

use super::Origin;
use crate::problem::Problem;

/// A variable of a `.env` file.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) line: u32,
}

/// Reads a `.env` file; nothing if there is none.
pub(crate) fn read(path: &Path, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            let help = "make it a UTF-8 file that this user may read, or remove it";
            problems
                .push(Problem::new(format!("cannot read {}: {error}", path.display())).help(help));
            return Vec::new();
        }
    };
    let name: Arc<str> = path.display().to_string().into();
    parse(
        text.strip_prefix('\u{feff}').unwrap_or(&text),
        &name,
        problems,
    )
}

fn parse(text: &str, path: &Arc<str>, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut reader = Reader {
        rest: text,
        line: 1,
    };
    while !reader.rest.is_empty() {
        let line = reader.line;
        let place = |line: u32, column: usize| Origin::File {
            path: path.clone(),
            line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
        };
        match reader.entry() {
            Ok(None) => {}
            Ok(Some((name, value))) => {
                if let Some(before) = entries
                    .iter()
                    .find(|it| it.name == name && it.name.starts_with(super::PREFIX))
                {
                    problems.push(
                        Problem::new(format!("`{name}` is set twice"))
                            .origin(place(line, 1))
                            .help(format!("remove one: line {} sets it too", before.line)),
                    );
                }
                entries.push(Entry { name, value, line });
            }
            Err(Wrong { what, line, column }) => {
                problems.push(
                    Problem::new(what).origin(place(line, column)).help(
                        "write `NAME=value`, with quotes around a value that has spaces or `#`",
                    ),
                );
            }
        }
    }
    entries
}

struct Wrong {
    what: &'static str,
    line: u32,
    column: usize,
}

struct Reader<'a> {
    rest: &'a str,
    line: u32,
}

impl Reader<'_> {
    /// The next line with a variable on it; nothing for an empty line or comment.
    fn entry(&mut self) -> Result<Option<(String, String)>, Wrong> {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            self.skip_line();
            return Ok(None);
        }
        let content = content
            .strip_prefix("export")
            .filter(|rest| rest.starts_with([' ', '\t']))
            .map_or(content, str::trim_start);
        let start = line.len() - content.len();
        let number = self.line;
        let wrong = |what, byte: usize| Wrong {
            what,
            line: number,
            column: line[..byte.min(line.len())].chars().count() + 1,
        };
        let Some((name, _)) = content.split_once('=') else {
            let wrong = wrong("expected `NAME=value`", start);
            self.skip_line();
            return Err(wrong);
        };
        let name_end = start + name.len();
        let name = name.trim_end();
        if !is_name(name) {
            let wrong = wrong(
                "a variable's name is made of letters, digits and `_`, and does not begin with a digit",
                start,
            );
            self.skip_line();
            return Err(wrong);
        }
        let name = name.to_owned();
        let opening = wrong(
            "the quote is not closed",
            name_end + 1 + blanks(&line[name_end + 1..]),
        );
        self.rest = &self.rest[name_end + 1..];
        self.rest = &self.rest[blanks(self.rest)..];
        let value = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let value = self.quoted(quote).ok_or(opening)?;
                self.end_of_line()?;
                value
            }
            _ => self.bare(),
        };
        Ok(Some((name, value)))
    }

    /// A value without quotes: to the end of the line or a comment.
    fn bare(&mut self) -> String {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        let comment = line
            .match_indices('#')
            .map(|(at, _)| at)
            .find(|at| *at == 0 || line[..*at].ends_with(char::is_whitespace));
        let value = line[..comment.unwrap_or(line.len())].trim().to_owned();
        self.skip_line();
        value
    }

    /// What follows a value in quotes: nothing, or a comment.
    fn end_of_line(&mut self) -> Result<(), Wrong> {
        let line = self.line;
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let rest = self.rest[..end].trim();
        let good = rest.is_empty() || rest.starts_with('#');
        self.skip_line();
        match good {
            true => Ok(()),
            false => Err(Wrong {
                what: "nothing but a comment may follow the closing quote",
                line,
                column: 1,
            }),
        }
    }

    /// A value in quotes; nothing if they are never closed, and then the rest of the line is skipped.
    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut value = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                it if it == quote => {
                    let lines = self.rest[..at].matches('\n').count();
                    self.line += u32::try_from(lines).unwrap_or(u32::MAX);
                    self.rest = &self.rest[at + 1..];
                    return Some(value);
                }
                '\\' if quote == '"' => match letters.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, 'r')) => value.push('\r'),
                    Some((_, 't')) => value.push('\t'),
                    Some((_, it @ ('"' | '\\' | '$'))) => value.push(it),
                    Some((_, other)) => value.extend(['\\', other]),
                    None => break,
                },
                other => value.push(other),
            }
        }
        self.skip_line();
        None
    }

    fn skip_line(&mut self) {
        self.line += 1;
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

fn is_name(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.starts_with(|first: char| !first.is_ascii_digit())
}
