//! `config reference`: every key there is.

use serde::Serialize;
use serde_json::Value;

use crate::keys;
use crate::label;
use crate::profile::Profile;
use crate::redact::redacted;
use crate::section::Description;
use crate::source::{Node, Origin, RESERVED, Variable};

/// Every key that the sections of an app have, with type, defaults, variable and doc: from the same types that the
/// service reads, so it cannot be out of date.
///
/// As data it serializes; as text it is Markdown ([`to_markdown`](Self::to_markdown)), a commented
/// `config/default.toml` ([`to_toml`](Self::to_toml)), an `.env.example` ([`to_env_example`](Self::to_env_example)) and a
/// JSON Schema for editors ([`to_json_schema`](Self::to_json_schema)).
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Reference {
    /// The sections by name.
    pub sections: Vec<ReferenceSection>,
    /// Variables that are no keys.
    pub variables: Vec<Variable>,
    #[serde(skip)]
    pub(super) descriptions: Vec<Description>,
}

/// A section and its keys.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ReferenceSection {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub doc: Option<String>,
    /// Its keys in the order of its type.
    pub keys: Vec<ReferenceKey>,
}

/// A key.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ReferenceKey {
    /// The key as it is written, such as `http.port`.
    pub key: String,
    /// The same without its section: `port`.
    pub name: String,
    /// What it takes, such as `integer, 0 to 65535`.
    pub takes: String,
    /// What it is for.
    pub doc: Option<String>,
    /// Whether it must be set where it has no default.
    pub required: bool,
    /// Whether its value is never shown.
    pub secret: bool,
    /// The defaults in the order of [`Profile::ALL`]; nothing where there is none.
    pub defaults: [Option<Value>; 3],
    /// The variable that sets it.
    pub variable: String,
    /// How a value looks.
    #[serde(skip)]
    pub(super) example: Value,
}

impl Reference {
    /// The reference of some sections.
    #[must_use]
    pub fn of(sections: &[Description]) -> Self {
        let mut descriptions = sections.to_vec();
        descriptions.sort_by_key(Description::name);
        Self {
            sections: descriptions.iter().map(section).collect(),
            variables: RESERVED.to_vec(),
            descriptions,
        }
    }
}

fn section(description: &Description) -> ReferenceSection {
    let layers =
        Profile::ALL.map(|profile| Node::of_json(description.defaults(profile), &Origin::BuiltIn));
    let keys = keys::of(description).into_iter().map(|key| {
        let inner = &key.path[1..];
        let last = key.path.last().map_or("", String::as_str);
        let defaults = layers.each_ref().map(|layer| {
            let node = layer.at(inner)?;
            Some(redacted(&node.to_json(), Some(key.shape), last)).filter(|it| !it.is_null())
        });
        ReferenceKey {
            key: key.name(),
            name: crate::source::join(inner),
            takes: label::of(key.shape),
            doc: key.shape.doc().map(str::to_owned),
            required: !key.shape.allows("null") && !is_within_optional(description, inner),
            secret: key.shape.is_secret(),
            example: key
                .shape
                .example()
                .cloned()
                .unwrap_or_else(|| placeholder(key.shape)),
            variable: key.variable(),
            defaults,
        }
    });
    ReferenceSection {
        name: description.name().to_owned(),
        doc: description.shape().doc().map(str::to_owned),
        keys: keys.collect(),
    }
}

/// Whether a table above the key may be left out as a whole.
fn is_within_optional(description: &Description, inner: &[String]) -> bool {
    (1..inner.len()).any(|end| {
        description
            .shape()
            .at(&inner[..end])
            .is_some_and(|it| it.allows("null"))
    })
}

/// A value of the right type, for a key that shows none of its own.
fn placeholder(shape: crate::shape::Shape<'_>) -> Value {
    let types = shape.types();
    if let Some(word) = shape.choices().first() {
        return Value::from(*word);
    }
    match shape.text("x-type") {
        Some("duration") => return Value::from("30s"),
        Some("size") => return Value::from("2MiB"),
        _ => {}
    }
    match types.into_iter().find(|it| *it != "null") {
        Some("integer" | "number") => Value::from(0),
        Some("boolean") => Value::from(false),
        Some("array") => Value::Array(Vec::new()),
        Some("object") => Value::Object(serde_json::Map::new()),
        _ => Value::from("…"),
    }
}
