//! `config explain`: why a key has the value it has.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::keys::{self, Key};
use crate::label;
use crate::problem::Problem;
use crate::redact::redacted;
use crate::resolution::Resolution;
use crate::source::{Layer, Node, Origin, PREFIX, parse_key};
use crate::toml_text;

/// Why a key has the value it has: the layer that wins, and those that lost.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The key, such as `http.port`.
    pub key: String,
    /// The value that counts, secrets hidden; nothing if no layer sets it.
    pub value: Option<Value>,
    /// Where that value is written.
    pub origin: Option<Origin>,
    /// The layer that wins.
    pub layer: Option<Layer>,
    /// What lost, the strongest first.
    pub shadowed: Vec<Shadowed>,
    /// What the key takes.
    pub takes: String,
    /// The variable that sets it.
    pub variable: String,
    /// What it is for.
    pub doc: Option<String>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// A value that a stronger layer hides.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Shadowed {
    /// The layer that lost.
    pub layer: Layer,
    /// What it says, secrets hidden.
    pub value: Value,
    /// Where it says so.
    pub origin: Origin,
}

/// A key that no section has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey {
    key: String,
    near: Option<String>,
}

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a known key", self.key)?;
        match &self.near {
            Some(near) => write!(f, "; did you mean `{near}`?"),
            None => write!(f, "; `config reference` lists every key"),
        }
    }
}

impl std::error::Error for UnknownKey {}

impl Resolution {
    /// Explains a key, every key of a section or table, or the key of a variable (`ATLAS_HTTP__PORT`).
    pub fn explain(&self, key: &str) -> Result<Vec<Explanation>, UnknownKey> {
        let path = match key.strip_prefix(PREFIX) {
            Some(words) => {
                let words: Vec<&str> = words.split("__").collect();
                keys::by_variable(self.sections(), &words).map(|key| key.path)
            }
            None => parse_key(key),
        };
        let unknown = |path: Option<&[String]>| UnknownKey {
            key: key.to_owned(),
            near: path.and_then(|path| keys::near(self.sections(), path)),
        };
        let path = path.ok_or_else(|| unknown(None))?;
        let found = keys::by_path(self.sections(), &path).ok_or_else(|| unknown(Some(&path)))?;
        let all = keys::of_all(self.sections());
        let below: Vec<&Key<'_>> = all.iter().filter(|it| it.path.starts_with(&path)).collect();
        if below.is_empty() {
            return Ok(vec![self.explain_key(&found)]);
        }
        Ok(below.into_iter().map(|key| self.explain_key(key)).collect())
    }

    fn explain_key(&self, key: &Key<'_>) -> Explanation {
        let name = key.name();
        let last = key.path.last().map_or("", String::as_str);
        let shown = |node: &Node| redacted(&node.to_json(), Some(key.shape), last);
        let winner = self.merged().at(&key.path);
        let mut said = self
            .layers()
            .iter()
            .rev()
            .filter_map(|(layer, tree)| Some((*layer, tree.at(&key.path)?)));
        // a stronger table of another kind may have swept the key away: then every layer lost
        let layer = winner.and_then(|_| said.next()).map(|(layer, _)| layer);
        let shadowed = said.map(|(layer, node)| Shadowed {
            layer,
            value: shown(node),
            origin: node.origin.clone(),
        });
        Explanation {
            value: winner.map(shown),
            origin: winner.map(|node| node.origin.clone()),
            layer,
            shadowed: shadowed.collect(),
            takes: label::of(key.shape),
            variable: key.variable(),
            doc: key.shape.doc().map(str::to_owned),
            problems: self
                .problems()
                .iter()
                .filter(|it| it.key.as_deref() == Some(name.as_str()))
                .cloned()
                .collect(),
            key: name,
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.value, &self.origin) {
            (Some(value), Some(origin)) => {
                writeln!(f, "{} = {}", self.key, toml_text::of(value))?;
                writeln!(f, "  from      {origin}")?;
            }
            _ => writeln!(f, "{} is not set", self.key)?,
        }
        let values: Vec<String> = self
            .shadowed
            .iter()
            .map(|it| toml_text::of(&it.value))
            .collect();
        let width = values
            .iter()
            .map(|it| it.chars().count())
            .max()
            .unwrap_or_default();
        for (index, (value, shadowed)) in values.iter().zip(&self.shadowed).enumerate() {
            let title = if index == 0 { "shadows" } else { "" };
            writeln!(f, "  {title:<9} {value:<width$}  {}", shadowed.origin)?;
        }
        writeln!(f, "  takes     {}", self.takes)?;
        write!(f, "  variable  {}", self.variable)?;
        if let Some(doc) = &self.doc {
            for (index, line) in doc.lines().enumerate() {
                let title = if index == 0 { "doc" } else { "" };
                let text = format!("  {title:<9} {line}");
                write!(f, "\n{}", text.trim_end())?;
            }
        }
        for problem in &self.problems {
            for (index, line) in problem.to_string().lines().enumerate() {
                let title = if index == 0 { "wrong" } else { "" };
                write!(f, "\n  {title:<9} {line}")?;
            }
        }
        Ok(())
    }
}
