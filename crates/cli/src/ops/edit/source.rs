//! A parsed Rust file whose spans are offsets into its text.

use std::ops::Range;

use proc_macro2::Span;
use quote::ToTokens;

/// A Rust file as text and as tree.
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    pub(crate) file: syn::File,
    /// What stands before the first byte that was parsed: a byte order mark, a shebang.
    skipped: usize,
}

impl<'a> Source<'a> {
    /// Parses a file; `None` when it is not Rust, and then no edit is safe.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut skipped = text.len() - text.trim_start_matches('\u{feff}').len();
        let rest = &text[skipped..];
        let shebang = rest.starts_with("#!") && !rest[2..].trim_start().starts_with('[');
        if shebang {
            skipped += rest.find('\n').unwrap_or(rest.len());
        }
        let file = syn::parse_str(&text[skipped..]).ok()?;
        Some(Self {
            text,
            file,
            skipped,
        })
    }

    /// Where a token stands in the text.
    pub(crate) fn range(&self, span: Span) -> Range<usize> {
        let range = span.byte_range();
        range.start + self.skipped..range.end + self.skipped
    }

    /// Where the first token of something stands.
    pub(crate) fn start(&self, tokens: &impl ToTokens) -> Option<usize> {
        let first = tokens.to_token_stream().into_iter().next()?;
        Some(self.range(first.span()).start)
    }

    /// Where the last token of something ends.
    pub(crate) fn end(&self, tokens: &impl ToTokens) -> Option<usize> {
        let last = tokens.to_token_stream().into_iter().last()?;
        Some(self.range(last.span()).end)
    }

    /// How this file ends its lines.
    pub(crate) fn line_end(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    /// The blanks between the beginning of the line and `at`, or `None` if anything else stands there.
    pub(crate) fn indent(&self, at: usize) -> Option<&'a str> {
        let line = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = &self.text[line..at];
        before
            .chars()
            .all(|it| it == ' ' || it == '\t')
            .then_some(before)
    }

    /// Where a new line may begin after `end`: behind a comment that closes the line, else at once.
    pub(crate) fn after(&self, end: usize) -> usize {
        let rest = self.rest(end);
        let comment = rest.trim_start();
        let closes = comment.starts_with("//")
            || comment.starts_with("/*")
                && comment
                    .find("*/")
                    .is_some_and(|at| comment[at + 2..].trim().is_empty());
        if closes {
            end + rest.trim_end().len()
        } else {
            end
        }
    }

    /// What follows on the line after `end`.
    pub(crate) fn rest(&self, end: usize) -> &'a str {
        let rest = &self.text[end..];
        let rest = &rest[..rest.find('\n').unwrap_or(rest.len())];
        rest.strip_suffix('\r').unwrap_or(rest)
    }

    /// Whether a person has written a comment behind `end` on its line.
    pub(crate) fn is_commented(&self, end: usize) -> bool {
        let rest = self.rest(end).trim_start();
        rest.starts_with("//") || rest.starts_with("/*")
    }

    /// The text with `new` at `at`.
    pub(crate) fn with(&self, at: usize, new: &str) -> String {
        [&self.text[..at], new, &self.text[at..]].concat()
    }

    /// The text without a range that stands on lines of its own, together with the line end before it, or after
    /// it at the beginning of the file.
    pub(crate) fn without_lines(&self, range: Range<usize>) -> String {
        let line = self.text[..range.start].rfind('\n');
        let (start, end) = match line {
            Some(at) => (at - usize::from(self.text[..at].ends_with('\r')), range.end),
            None => {
                let rest = self.rest(range.end).len() + range.end;
                let tail = &self.text[rest..];
                let end = tail.find('\n').map_or(rest, |at| rest + at + 1);
                (0, end)
            }
        };
        [&self.text[..start], &self.text[end..]].concat()
    }
}
