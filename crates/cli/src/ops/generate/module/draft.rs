//! A template on its way to a file.

use std::ops::Range;

use quote::ToTokens;
use syn::{Fields, ImplItem, Item};

use super::naming::Naming;
use crate::{
    Error, Exit, Result,
    ops::template::{File, SHOP},
};

/// The text of a template, renamed; its slots are filled one after the other.
pub(super) struct Draft<'a> {
    origin: String,
    text: String,
    naming: &'a Naming,
}

impl<'a> Draft<'a> {
    /// A file of the shop's catalog.
    pub(super) fn inside(path: &str, naming: &'a Naming) -> Result<Self> {
        let (origin, text) = template(path)?;
        Ok(Self {
            origin,
            text: naming.inside(text),
            naming,
        })
    }

    /// A file of the shop beside its catalog.
    pub(super) fn outside(path: &str, naming: &'a Naming) -> Result<Self> {
        let (origin, text) = template(path)?;
        Ok(Self {
            origin,
            text: naming.outside(text),
            naming,
        })
    }

    /// A template of the generator's own, for what the shop does not have.
    pub(super) fn own(name: &str, text: &str, naming: &'a Naming) -> Self {
        Self {
            origin: format!("crates/cli/templates/{name}"),
            text: naming.inside(text),
            naming,
        }
    }

    /// Puts text in the place of text that must be there exactly once, however its lines are broken.
    pub(super) fn swap(self, old: &str, new: &str) -> Result<Self> {
        match self.places(old).as_slice() {
            [range] => {
                let new = self.naming.fill(new);
                let range = match new.is_empty() {
                    true => self.with_line(range),
                    false => range.clone(),
                };
                let text = [&self.text[..range.start], &new, &self.text[range.end..]].concat();
                Ok(Self { text, ..self })
            }
            _ => Err(self.lost(old)),
        }
    }

    /// Puts text in the place of every occurrence of other text; there must be one.
    pub(super) fn swap_all(mut self, old: &str, new: &str) -> Result<Self> {
        let places = self.places(old);
        if places.is_empty() {
            return Err(self.lost(old));
        }
        let new = self.naming.fill(new);
        for range in places.into_iter().rev() {
            self.text.replace_range(range, &new);
        }
        Ok(self)
    }

    /// The range with the line end before it, if nothing else stands on its lines.
    fn with_line(&self, range: &Range<usize>) -> Range<usize> {
        let before = self.text[..range.start].trim_end_matches([' ', '\t']);
        match before.ends_with('\n') && self.text[range.end..].starts_with('\n') {
            true => before.len() - 1..range.end,
            false => range.clone(),
        }
    }

    /// Where text stands, blanks and line ends aside.
    fn places(&self, wanted: &str) -> Vec<Range<usize>> {
        let letters: Vec<(usize, char)> = self
            .text
            .char_indices()
            .filter(|(_, it)| !it.is_whitespace())
            .collect();
        let wanted: Vec<char> = self
            .naming
            .fill(wanted)
            .chars()
            .filter(|it| !it.is_whitespace())
            .collect();
        let mut places = Vec::new();
        let mut at = 0;
        while at + wanted.len() <= letters.len() && !wanted.is_empty() {
            let window = &letters[at..at + wanted.len()];
            if window.iter().map(|(_, letter)| letter).eq(&wanted) {
                let (last, letter) = window[window.len() - 1];
                places.push(window[0].0..last + letter.len_utf8());
                at += wanted.len();
            } else {
                at += 1;
            }
        }
        places
    }

    /// Gives a struct other fields, or an enum other variants.
    pub(super) fn fields(self, name: &str, new: &str) -> Result<Self> {
        let name = self.naming.fill(name);
        let file = self.parse()?;
        let range = file.items.iter().find_map(|item| match item {
            Item::Struct(item) if item.ident == name => match &item.fields {
                Fields::Named(fields) => Some(inside(fields.brace_token.span)),
                _ => None,
            },
            Item::Enum(item) if item.ident == name => Some(inside(item.brace_token.span)),
            _ => None,
        });
        self.fill_range(range, &name, new)
    }

    /// Gives a function another body.
    pub(super) fn body(self, name: &str, new: &str) -> Result<Self> {
        let name = self.naming.fill(name);
        let file = self.parse()?;
        let range = file.items.iter().find_map(|item| match item {
            Item::Fn(item) if item.sig.ident == name => Some(inside(item.block.brace_token.span)),
            _ => None,
        });
        self.fill_range(range, &name, new)
    }

    /// Gives a method of an `impl` another body.
    pub(super) fn method(self, name: &str, new: &str) -> Result<Self> {
        let file = self.parse()?;
        let range = file.items.iter().find_map(|item| match item {
            Item::Impl(item) => item.items.iter().find_map(|item| match item {
                ImplItem::Fn(item) if item.sig.ident == name => {
                    Some(inside(item.block.brace_token.span))
                }
                _ => None,
            }),
            _ => None,
        });
        self.fill_range(range, name, new)
    }

    /// Gives the only function of `impl From<from> for to` another body.
    pub(super) fn conversion(self, from: &str, to: &str, new: &str) -> Result<Self> {
        let head = self.naming.fill(&format!("From<{from}>for{to}"));
        let file = self.parse()?;
        let range = file.items.iter().find_map(|item| {
            let Item::Impl(item) = item else { return None };
            let (of, _) = item.trait_.as_ref()?;
            let said = format!(
                "{}for{}",
                of.to_token_stream(),
                item.self_ty.to_token_stream()
            );
            let [ImplItem::Fn(function)] = item.items.as_slice() else {
                return None;
            };
            let same = said.split_whitespace().collect::<String>() == head;
            same.then(|| inside(function.block.brace_token.span))
        });
        self.fill_range(range, &head, new)
    }

    /// The finished text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn fill_range(self, range: Option<Range<usize>>, name: &str, new: &str) -> Result<Self> {
        match range {
            Some(range) => {
                let new = self.naming.fill(new);
                let text = format!(
                    "{}\n{new}\n{}",
                    &self.text[..range.start],
                    &self.text[range.end..]
                );
                Ok(Self { text, ..self })
            }
            None => Err(self.lost(name)),
        }
    }

    fn parse(&self) -> Result<syn::File> {
        syn::parse_file(&self.text).map_err(|error| {
            Error::new(format!("the template `{}` is no Rust", self.origin))
                .exit(Exit::Internal)
                .source(error)
        })
    }

    fn lost(&self, what: &str) -> Error {
        Error::new(format!(
            "the template `{}` does not hold `{what}` once",
            self.origin
        ))
        .exit(Exit::Internal)
        .help("this is a defect of `atlas`; please report it")
    }
}

fn inside(braces: proc_macro2::extra::DelimSpan) -> Range<usize> {
    braces.open().byte_range().end..braces.close().byte_range().start
}

fn template(path: &str) -> Result<(String, &'static str)> {
    let origin = format!("examples/shop/{path}");
    match File::text(SHOP, path) {
        Some(text) => Ok((origin, text)),
        None => Err(
            Error::new(format!("this program lacks the template `{origin}`")).exit(Exit::Internal),
        ),
    }
}
