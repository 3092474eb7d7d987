//! `config show`: the values that count.

use std::fmt::Write as _;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::keys;
use crate::profile::Profile;
use crate::redact::redacted;
use crate::resolution::Resolution;
use crate::source::{Origin, join, quoted};
use crate::toml_text;

/// The values that count, secrets hidden. Serialized: `profile`, `values` as nested objects, `origins` by key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Shown {
    /// The profile.
    pub profile: Profile,
    /// Every key, by section and in the order of its type.
    pub keys: Vec<ShownKey>,
}

/// One key and its value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ShownKey {
    /// The names from the section on.
    pub path: Vec<String>,
    /// The value; nothing if no layer sets it.
    pub value: Option<Value>,
    /// Where it is written.
    pub origin: Option<Origin>,
}

impl ShownKey {
    /// The key as it is written, such as `http.port`.
    #[must_use]
    pub fn key(&self) -> String {
        join(&self.path)
    }
}

impl Resolution {
    /// The values that count.
    #[must_use]
    pub fn show(&self) -> Shown {
        let keys = keys::of_all(self.sections()).into_iter().filter_map(|key| {
            let node = self.merged().at(&key.path);
            let last = key.path.last().map_or("", String::as_str);
            let value = node
                .map(|node| redacted(&node.to_json(), Some(key.shape), last))
                .filter(|it| !it.is_null());
            // a key that may be a table too is shown by the members it has
            if value.as_ref().is_some_and(Value::is_object) && !key.shape.properties().is_empty() {
                return None;
            }
            Some(ShownKey {
                path: key.path,
                value,
                origin: node.map(|node| node.origin.clone()),
            })
        });
        Shown {
            profile: self.profile(),
            keys: keys.collect(),
        }
    }
}

impl Shown {
    /// As TOML that can be read again but for the secrets, each value with its origin behind it if that is wanted.
    #[must_use]
    pub fn to_toml(&self, origins: bool) -> String {
        let mut text = format!("# profile {}\n", self.profile);
        for chunk in self
            .keys
            .chunk_by(|left, right| left.path.first() == right.path.first())
        {
            let Some(section) = chunk.first().and_then(|it| it.path.first()) else {
                continue;
            };
            // writing to a String cannot fail
            let _ = write!(text, "\n[{}]\n", quoted(section));
            let lines: Vec<(String, Option<&Origin>)> = chunk
                .iter()
                .map(|it| {
                    let name = join(&it.path[1..]);
                    match &it.value {
                        Some(value) => (
                            format!("{name} = {}", toml_text::of(value)),
                            it.origin.as_ref(),
                        ),
                        None => (format!("# {name} is not set"), None),
                    }
                })
                .collect();
            let width = lines
                .iter()
                .filter(|(_, it)| it.is_some())
                .map(|(line, _)| line.chars().count())
                .max()
                .unwrap_or_default();
            for (line, origin) in lines {
                let _ = match origin.filter(|_| origins) {
                    Some(origin) => writeln!(text, "{line:<width$}  # {origin}"),
                    None => writeln!(text, "{line}"),
                };
            }
        }
        text
    }

    fn values(&self) -> Value {
        let mut values = Map::new();
        for key in &self.keys {
            let (Some(value), Some((last, tables))) = (&key.value, key.path.split_last()) else {
                continue;
            };
            let table = tables.iter().try_fold(&mut values, |table, name| {
                table
                    .entry(name.clone())
                    .or_insert_with(|| Value::Object(Map::new()))
                    .as_object_mut()
            });
            if let Some(table) = table {
                table.insert(last.clone(), value.clone());
            }
        }
        Value::Object(values)
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let origins = self.keys.iter().filter(|it| it.value.is_some());
        let origins: Map<String, Value> = origins
            .filter_map(|it| Some((it.key(), Value::from(it.origin.as_ref()?.to_string()))))
            .collect();
        let mut shown = serializer.serialize_struct("Shown", 3)?;
        shown.serialize_field("profile", &self.profile)?;
        shown.serialize_field("values", &self.values())?;
        shown.serialize_field("origins", &origins)?;
        shown.end()
    }
}
