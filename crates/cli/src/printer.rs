//! The one place that writes to the terminal.

use std::{
    borrow::Cow,
    io::{IsTerminal, Write},
};

use serde::Serialize;

/// Writes data to stdout and messages to stderr, in the manner that was asked for.
///
/// A reader that goes away (`atlas explain A001 | head -1`) is no error: what cannot be written any more is dropped.
#[derive(Clone, Copy, Debug, Default)]
pub struct Printer {
    json: bool,
    quiet: bool,
    data_color: bool,
    message_color: bool,
}

/// How a word stands out when the terminal shows colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Headings and names.
    Bold,
    /// What matters less.
    Dim,
    /// Something is wrong.
    Red,
    /// All is well.
    Green,
    /// Something to look at.
    Yellow,
    /// Names of processes and files.
    Cyan,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Red => "1;31",
            Self::Green => "32",
            Self::Yellow => "33",
            Self::Cyan => "36",
        }
    }
}

impl Printer {
    /// A printer for this process's own stdout and stderr.
    ///
    /// Colours are used on a terminal unless `color` is false, `NO_COLOR` is set or `TERM` is `dumb`.
    #[must_use]
    pub fn new(json: bool, quiet: bool, color: bool) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let allowed = color
            && !json
            && !set("NO_COLOR")
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self {
            json,
            quiet,
            data_color: allowed && std::io::stdout().is_terminal(),
            message_color: allowed && std::io::stderr().is_terminal(),
        }
    }

    /// Whether results are wanted as JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether only errors and data are wanted.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether messages may be coloured.
    #[must_use]
    pub fn colors_messages(&self) -> bool {
        self.message_color
    }

    /// Whether data may be coloured.
    #[must_use]
    pub fn colors_data(&self) -> bool {
        self.data_color
    }

    /// `text` in `style`, for a message (stderr).
    #[must_use]
    pub fn paint<'a>(&self, style: Style, text: &'a str) -> Cow<'a, str> {
        painted(self.message_color, style, text)
    }

    /// `text` in `style`, for data (stdout).
    #[must_use]
    pub fn paint_data<'a>(&self, style: Style, text: &'a str) -> Cow<'a, str> {
        painted(self.data_color, style, text)
    }

    /// One line (or several) of result, on stdout.
    pub fn data(&self, text: impl AsRef<str>) {
        line(&mut std::io::stdout().lock(), text.as_ref());
    }

    /// A result as JSON, on stdout, one line.
    pub fn json(&self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.data(text),
            Err(error) => self.warn(format!("a result cannot be written as JSON: {error}")),
        }
    }

    /// What just happened, on stderr: a verb in the past tense, then its object (`created  src/lib.rs`); silent under `--quiet`.
    pub fn status(&self, verb: &str, object: impl AsRef<str>) {
        if !self.quiet {
            let verb = format!("{verb:>10}");
            line(
                &mut std::io::stderr().lock(),
                &format!("{}  {}", self.paint(Style::Green, &verb), object.as_ref()),
            );
        }
    }

    /// A message on stderr; silent under `--quiet`.
    pub fn message(&self, text: impl AsRef<str>) {
        if !self.quiet {
            line(&mut std::io::stderr().lock(), text.as_ref());
        }
    }

    /// A line on stderr that is wanted even under `--quiet`.
    pub fn always(&self, text: impl AsRef<str>) {
        line(&mut std::io::stderr().lock(), text.as_ref());
    }

    /// Something that will not stop the work but should be known, on stderr, even under `--quiet`.
    pub fn warn(&self, text: impl AsRef<str>) {
        line(
            &mut std::io::stderr().lock(),
            &format!(
                "{}: {}",
                self.paint(Style::Yellow, "warning"),
                text.as_ref()
            ),
        );
    }

    /// The error that ends the process, on stderr; as one JSON object under `--json`.
    pub fn error(&self, error: &crate::Error) {
        let text = if self.json {
            error.to_json().to_string()
        } else {
            error.to_string()
        };
        let text = match text.split_once(": ") {
            Some((head, rest)) if head.starts_with("error") => {
                format!("{}: {rest}", self.paint(Style::Red, head))
            }
            _ => text,
        };
        line(&mut std::io::stderr().lock(), &text);
    }
}

fn painted(color: bool, style: Style, text: &str) -> Cow<'_, str> {
    if color {
        Cow::Owned(format!("\x1b[{}m{text}\x1b[0m", style.code()))
    } else {
        Cow::Borrowed(text)
    }
}

/// Writes `text` and a line end in one call, so that lines of several threads do not mix.
fn line(to: &mut impl Write, text: &str) {
    let mut whole = String::with_capacity(text.len() + 1);
    whole.push_str(text);
    if !whole.ends_with('\n') {
        whole.push('\n');
    }
    // A closed pipe is the reader's decision, not our failure.
    let _ = to.write_all(whole.as_bytes()).and_then(|()| to.flush());
}
