//! The list of modules at the top of a file.

use quote::ToTokens;
use syn::{Item, ItemMod, Visibility};

use super::{Edit, source::Source};

/// A line `mod name;` or `pub mod name;`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModLine {
    name: String,
    public: bool,
}

impl ModLine {
    /// `pub mod name;`
    #[must_use]
    pub fn public(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            public: true,
        }
    }

    /// `mod name;`
    #[must_use]
    pub fn private(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            public: false,
        }
    }

    /// The line itself, to paste where the shape is not known.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "{}mod {};",
            if self.public { "pub " } else { "" },
            self.name
        )
    }

    /// Adds the line to the last run of module lines: in its order if the run is sorted, else at its end.
    #[must_use]
    pub fn insert(&self, text: &str) -> Edit {
        let Some(source) = Source::parse(text) else {
            return Edit::Unknown;
        };
        if let Some(present) = source.file.items.iter().find_map(|item| self.is(item)) {
            let same = matches!(present.vis, Visibility::Public(_)) == self.public
                && present.content.is_none();
            return if same { Edit::Same } else { Edit::Unknown };
        }
        let Some(after) = self.insertion(&source) else {
            return Edit::Unknown;
        };
        Edit::proven(text, after, |edited| self.remove(edited))
    }

    /// Takes the line away, if it still is as it was inserted.
    #[must_use]
    pub fn remove(&self, text: &str) -> Edit {
        let Some(source) = Source::parse(text) else {
            return Edit::Unknown;
        };
        let Some(item) = source.file.items.iter().find_map(|item| self.is(item)) else {
            return Edit::Same;
        };
        let untouched = item.attrs.is_empty()
            && item.content.is_none()
            && match item.vis {
                Visibility::Inherited => !self.public,
                Visibility::Public(_) => self.public,
                Visibility::Restricted(_) => false,
            };
        let (Some(start), Some(end)) = (source.start(item), source.end(item)) else {
            return Edit::Unknown;
        };
        if !untouched || source.indent(start).is_none() || !source.rest(end).trim().is_empty() {
            return Edit::Unknown;
        }
        Edit::Changed(source.without_lines(start..end))
    }

    fn is<'a>(&self, item: &'a Item) -> Option<&'a ItemMod> {
        match item {
            Item::Mod(item) if item.ident == self.name => Some(item),
            _ => None,
        }
    }

    fn insertion(&self, source: &Source<'_>) -> Option<String> {
        let run = last_run(source);
        let (first, last) = (run.first()?, run.last()?);
        let sorted = run.is_sorted_by_key(|item| item.ident.to_string());
        let next = run
            .iter()
            .position(|item| item.ident.to_string().as_str() > self.name.as_str());
        let line = self.line();
        let line_end = source.line_end();
        let behind = |item: &ItemMod| {
            let (start, end) = (source.start(item)?, source.end(item)?);
            let indent = source.indent(start).unwrap_or_default();
            Some(source.with(source.after(end), &format!("{line_end}{indent}{line}")))
        };
        match next {
            Some(0) if sorted => {
                let start = source.start(*first)?;
                let indent = source.indent(start)?;
                let above = source.text[..start].trim_end_matches([' ', '\t']);
                let above = above
                    .strip_suffix('\n')
                    .unwrap_or(above)
                    .lines()
                    .next_back()
                    .unwrap_or_default();
                // a comment above the first line may speak of it alone
                if above.trim_start().starts_with("//") && !above.trim_start().starts_with("//!")
                    || above.trim_end().ends_with("*/")
                {
                    behind(last)
                } else {
                    Some(source.with(start, &format!("{line}{line_end}{indent}")))
                }
            }
            Some(at) if sorted => behind(run[at - 1]),
            _ => behind(last),
        }
    }
}

/// The last module lines that follow each other without an empty line or another item between them.
fn last_run<'a>(source: &'a Source<'_>) -> Vec<&'a ItemMod> {
    let mut runs: Vec<Vec<&ItemMod>> = Vec::new();
    let mut previous: Option<usize> = None;
    for item in &source.file.items {
        let Item::Mod(module) = item else {
            previous = None;
            continue;
        };
        if module.content.is_some() {
            previous = None;
            continue;
        }
        let together = match (previous, source.start(module)) {
            (Some(end), Some(start)) => {
                source.text[end..start].matches('\n').count() < 2 || {
                    // a comment between two lines keeps them together
                    !source.text[end..start].replace('\r', "").contains("\n\n")
                }
            }
            _ => false,
        };
        match runs.last_mut() {
            Some(run) if together => run.push(module),
            _ => runs.push(vec![module]),
        }
        previous = source.end(module);
    }
    // what closes a file for tests alone is no part of the list; in the midst of it, it keeps its place
    while let Some(run) = runs.last_mut() {
        while run.last().is_some_and(|module| is_for_tests(module)) {
            run.pop();
        }
        if !run.is_empty() {
            break;
        }
        runs.pop();
    }
    runs.pop().unwrap_or_default()
}

/// `#[cfg(test)] mod tests;`, as it closes a file.
fn is_for_tests(module: &ItemMod) -> bool {
    module
        .attrs
        .iter()
        .any(|it| it.path().is_ident("cfg") && it.to_token_stream().to_string().contains("test"))
}
