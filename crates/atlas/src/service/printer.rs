//! The one place that prints.

use std::io::{self, IsTerminal, Write};

use atlas_telemetry::color;
use serde_json::{Value, json};

use super::table;

/// Prints answers on standard output and failures on standard error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printer {
    color: bool,
    plain: bool,
}

/// The version of the JSON answers: it is raised when a field goes away or changes what it means.
const VERSION: u32 = 1;

const RED: &str = "\x1b[1;31m";
const BLUE: &str = "\x1b[1;34m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

impl Printer {
    /// A printer that colours failures when standard error is a terminal.
    pub(super) fn new() -> Self {
        Self {
            color: color::wanted(io::stderr().is_terminal()),
            plain: false,
        }
    }

    /// Prints tables for other programs, if `plain`.
    pub(super) fn plain(self, plain: bool) -> Self {
        Self { plain, ..self }
    }

    /// Prints a table: aligned in columns under a head, or plain, a line a row and a tab between two cells.
    pub(super) fn table<const N: usize>(self, head: [&str; N], rows: &[[String; N]]) {
        if self.plain {
            self.answer(&table::plain(rows));
        } else {
            self.answer(&table::align(head, rows));
        }
    }

    /// Prints an answer, with the line feed it ends with. A reader that went away (`| head`) is no failure.
    pub(super) fn answer(self, text: &str) {
        let mut out = io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        if !text.ends_with('\n') {
            let _ = out.write_all(b"\n");
        }
        let _ = out.flush();
    }

    /// Prints a JSON answer: an object, with the version of its form as the first field.
    pub(super) fn json(self, value: &Value) {
        let mut answer = json!({ "version": VERSION });
        match (answer.as_object_mut(), value) {
            (Some(answer), Value::Object(fields)) => answer.extend(fields.clone()),
            _ => answer["answer"] = value.clone(),
        }
        self.answer(&format!("{answer:#}"));
    }

    /// Prints what is said beside an answer, on standard error.
    pub(super) fn message(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
    }

    /// Asks a question on the terminal; nothing when there is none.
    pub(super) fn ask(self, question: &str) -> Option<String> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return None;
        }
        let _ = write!(io::stderr().lock(), "{question}");
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).ok()?;
        Some(answer.trim().to_owned())
    }

    /// Prints what went wrong, in the form `error[A201]: …`.
    pub(super) fn failure(self, text: &str) {
        let text = if self.color {
            paint(text)
        } else {
            text.to_owned()
        };
        let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
    }
}

/// Colours the marks of a message, never its words.
fn paint(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.lines() {
        let rest = line.trim_start();
        let indent = &line[..line.len() - rest.len()];
        out.push_str(indent);
        let head = rest.find(": ").filter(|_| rest.starts_with("error"));
        match head {
            Some(end) => {
                out.extend([RED, &rest[..end], RESET, BOLD, &rest[end..], RESET]);
            }
            None => {
                let mark = ["-->", "="]
                    .into_iter()
                    .find(|mark| !indent.is_empty() && rest.starts_with(mark));
                match mark {
                    Some(mark) => out.extend([BLUE, mark, RESET, &rest[mark.len()..]]),
                    None => out.push_str(rest),
                }
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::paint;

    #[test]
    fn marks_are_coloured_and_words_are_not() {
        let text = "error[A201]: port 8080 is in use\n  --> http.port\n   = help: stop `x`: error: no\nplain = text";
        let expected = "\x1b[1;31merror[A201]\x1b[0m\x1b[1m: port 8080 is in use\x1b[0m\n  \
            \x1b[1;34m-->\x1b[0m http.port\n   \x1b[1;34m=\x1b[0m help: stop `x`: error: no\nplain = text\n";
        assert_eq!(paint(text), expected);
    }
}
