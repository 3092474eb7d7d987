//! The schemas of all types, each once under its name.

use std::collections::BTreeSet;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::tidy;
use crate::extract::shape;

const READ: &str = "#/components/read/";
const WRITTEN: &str = "#/components/schemas/";

/// Collects the schemas of what is read (as `Deserialize` sees a type) and of what is written (as `Serialize` does).
pub(super) struct Components {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Components {
    pub(super) fn new() -> Self {
        let settings = |path: &'static str| {
            SchemaSettings::draft2020_12().with(|it| {
                it.definitions_path = path.trim_start_matches('#').trim_end_matches('/').into();
                it.meta_schema = None;
            })
        };
        Self {
            read: settings(READ).for_deserialize().into_generator(),
            written: settings(WRITTEN).for_serialize().into_generator(),
        }
    }

    /// The schema of something that is read.
    pub(super) fn input(&mut self, schema: impl FnOnce(&mut SchemaGenerator) -> Schema) -> Value {
        schema(&mut self.read).to_value()
    }

    /// The schema of something that is written.
    pub(super) fn output(&mut self, schema: impl FnOnce(&mut SchemaGenerator) -> Schema) -> Value {
        schema(&mut self.written).to_value()
    }

    /// The schema behind a reference, or the schema itself.
    pub(super) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let name = schema.get("$ref").and_then(Value::as_str);
        name.and_then(|it| it.strip_prefix(READ))
            .and_then(|it| self.read.definitions().get(it))
            .unwrap_or(schema)
    }

    /// Puts the schemas into the document, and makes its references lead to them.
    pub(super) fn finish(mut self, mut document: Value) -> Value {
        // closes what is read: what is not described is refused
        let mut read = json!({ "$defs": self.read.take_definitions(true) });
        shape::close(&mut read);
        let read = match read["$defs"].take() {
            Value::Object(read) => read,
            _ => Map::new(),
        };
        let mut schemas = self.written.take_definitions(true);
        let plain = Value::Object(schemas.clone());
        schemas.values_mut().for_each(|it| shape::mix(it, &plain));
        let apart = apart(&read, &schemas);
        for (name, schema) in read {
            let name = if apart.contains(&name) {
                format!("{name}Input")
            } else {
                name
            };
            schemas.insert(name, schema);
        }
        document["components"]["schemas"] = Value::Object(schemas);
        redirect(&mut document, &apart);
        tidy::schemas(&mut document);
        document
    }
}

/// The names of types that are read and written differently, directly or in a part of theirs.
fn apart(read: &Map<String, Value>, written: &Map<String, Value>) -> BTreeSet<String> {
    let mut apart = BTreeSet::new();
    loop {
        let before = apart.len();
        for (name, schema) in read {
            let Some(other) = written.get(name) else {
                continue;
            };
            let mut plain = schema.clone();
            redirect(&mut plain, &apart);
            let mut other = other.clone();
            // that it may have no other fields is true of what is written too
            open(&mut plain);
            open(&mut other);
            if plain != other {
                apart.insert(name.clone());
            }
        }
        if apart.len() == before {
            return apart;
        }
    }
}

/// Forgets that objects are closed.
fn open(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("additionalProperties") == Some(&Value::Bool(false)) {
                map.remove("additionalProperties");
            }
            map.values_mut().for_each(open);
        }
        Value::Array(items) => items.iter_mut().for_each(open),
        _ => {}
    }
}

/// Makes references to what is read lead to where it ends up.
fn redirect(value: &mut Value, apart: &BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(target)) = map.get_mut("$ref")
                && let Some(name) = target.strip_prefix(READ)
            {
                let suffix = if apart.contains(name) { "Input" } else { "" };
                *target = format!("{WRITTEN}{name}{suffix}");
            }
            map.values_mut().for_each(|it| redirect(it, apart));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| redirect(it, apart)),
        _ => {}
    }
}
