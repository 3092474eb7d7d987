//! The reference as a schema, for completion and squiggles in editors.

use serde_json::{Map, Value, json};

use super::reference::Reference;

impl Reference {
    /// As one JSON Schema (draft 2020-12) for the TOML files, to be kept as `config/schema.json`. A file need not hold everything, so no key is required in it.
    #[must_use]
    pub fn to_json_schema(&self) -> Value {
        let mut properties = Map::new();
        let mut definitions = Map::new();
        for description in &self.descriptions {
            let section = description.name();
            let mut schema = description.schema().as_value().clone();
            relocate(&mut schema, section);
            if let Some(Value::Object(own)) =
                schema.as_object_mut().and_then(|it| it.remove("$defs"))
            {
                definitions.extend(
                    own.into_iter()
                        .map(|(name, it)| (format!("{section}.{name}"), it)),
                );
            }
            loosen(&mut schema);
            properties.insert(section.to_owned(), schema);
        }
        let mut schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        });
        if !definitions.is_empty() {
            schema["$defs"] = Value::Object(definitions);
        }
        schema
    }
}

/// Points references to where the schema of the section is in the whole.
fn relocate(schema: &mut Value, section: &str) {
    match schema {
        Value::Object(rules) => {
            if let Some(Value::String(target)) = rules.get_mut("$ref") {
                if target == "#" {
                    *target = format!("#/properties/{section}");
                } else if let Some(name) = target.strip_prefix("#/$defs/") {
                    *target = format!("#/$defs/{section}.{name}");
                }
            }
            rules.values_mut().for_each(|it| relocate(it, section));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| relocate(it, section)),
        _ => {}
    }
}

/// Takes `required` away from tables that several layers fill; elements of lists and variants stay whole.
fn loosen(schema: &mut Value) {
    if let Some(rules) = schema.as_object_mut() {
        rules.remove("required");
        if let Some(Value::Object(properties)) = rules.get_mut("properties") {
            properties.values_mut().for_each(loosen);
        }
    }
}
