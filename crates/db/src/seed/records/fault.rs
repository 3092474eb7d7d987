//! Why records could not be planted.

use std::fmt;

use super::node::Position;
use crate::Error;

/// What is wrong with a file of records, where, and the way out.
#[derive(Debug)]
pub(crate) struct Fault {
    /// A reference that leads nowhere, not anything else.
    pub(crate) is_reference: bool,
    /// The file, the line and column, and the path inside of it.
    pub(crate) place: Option<String>,
    pub(crate) problem: String,
    pub(crate) help: Option<String>,
    pub(crate) source: Option<Box<Error>>,
}

impl Fault {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self {
            is_reference: false,
            place: None,
            problem: problem.into(),
            help: None,
            source: None,
        }
    }

    pub(crate) fn reference(problem: impl Into<String>) -> Self {
        Self {
            is_reference: true,
            ..Self::new(problem)
        }
    }

    pub(crate) fn at(mut self, file: &str, at: Position, path: &str) -> Self {
        let path = match path {
            "" => String::new(),
            path => format!("  `{path}`"),
        };
        self.place = Some(format!("{file}:{at}{path}"));
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says which of the names may have been meant, or which there are.
    pub(crate) fn suggest<'a>(
        self,
        name: &str,
        what: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let near = known
            .iter()
            .map(|it| (distance(name, it), *it))
            .filter(|(distance, it)| *distance <= 2 && *distance < it.chars().count())
            .min();
        match near {
            Some((_, near)) => self.help(format!("did you mean `{near}`?")),
            None if known.is_empty() || known.len() > 20 => self,
            None => self.help(format!("{what}: {}", list(&known))),
        }
    }
}

pub(crate) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
    quoted.join(", ")
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self {
            source: Some(Box::new(error.clone())),
            ..Self::new(error.to_string())
        }
    }
}

/// How many letters have to change to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
