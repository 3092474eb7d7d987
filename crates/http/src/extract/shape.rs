//! What the schema of an input says about how it must be read, and the same schema closed against unknown fields.

use serde_json::{Map, Value};

/// Closes every object of `root` that has fixed fields, and says whether serde alone refuses all that the schema does.
///
/// Serde alone is enough when every object was closed before (`deny_unknown_fields`) and there is no map and no free
/// value in it, in which serde would not notice a key that is given twice, and no pattern, which garde does not check.
pub(crate) fn close(root: &mut Value) -> bool {
    let definitions = root.get("$defs").cloned().unwrap_or_default();
    mix(root, &definitions);
    let mut shared = Vec::new();
    collect_shared(root, &mut shared);
    let mut walk = Walk {
        shared,
        serde_is_enough: true,
    };
    walk.schema(root, true);
    walk.serde_is_enough
}

struct Walk {
    /// Definitions whose members are mixed with those of the schema that refers to them; closing them would refuse both.
    shared: Vec<String>,
    serde_is_enough: bool,
}

impl Walk {
    fn schema(&mut self, schema: &mut Value, may_close: bool) {
        let Value::Object(rules) = schema else {
            self.serde_is_enough &= *schema == Value::Bool(false);
            return;
        };
        if is_free(rules) || has_own_rules(rules) {
            self.serde_is_enough = false;
        }
        let own_members = rules.contains_key("properties");
        if is_object(rules) {
            self.object(rules, may_close);
        }
        if chooses_objects(rules) {
            self.serde_is_enough = false;
        }
        for name in ["oneOf", "anyOf", "allOf"] {
            for branch in rules
                .get_mut(name)
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                self.schema(branch, may_close && !own_members);
            }
        }
        for name in ["items", "contains", "additionalProperties"] {
            if let Some(inner @ Value::Object(_)) = rules.get_mut(name) {
                self.schema(inner, true);
            }
        }
        for item in rules
            .get_mut("prefixItems")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            self.schema(item, true);
        }
        for name in ["properties", "patternProperties"] {
            for (_, member) in members(rules, name) {
                self.schema(member, true);
            }
        }
        for (name, definition) in members(rules, "$defs") {
            let free = !self.shared.contains(name);
            self.schema(definition, free);
        }
    }

    fn object(&mut self, rules: &mut Map<String, Value>, may_close: bool) {
        let closed = [
            rules.get("additionalProperties"),
            rules.get("unevaluatedProperties"),
        ];
        if closed.contains(&Some(&Value::Bool(false))) {
            return;
        }
        self.serde_is_enough = false;
        let mixes = ["oneOf", "anyOf", "allOf", "$ref"]
            .iter()
            .any(|it| rules.contains_key(*it));
        let is_map = [
            "additionalProperties",
            "patternProperties",
            "unevaluatedProperties",
        ]
        .iter()
        .any(|it| rules.contains_key(*it));
        if may_close && !mixes && !is_map && rules.contains_key("properties") {
            rules.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
    }
}

fn members<'a>(
    rules: &'a mut Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    rules
        .get_mut(name)
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::iter_mut)
}

fn is_object(rules: &Map<String, Value>) -> bool {
    let by_type = match rules.get("type") {
        Some(Value::String(one)) => one == "object",
        Some(Value::Array(many)) => many.iter().any(|it| it == "object"),
        _ => false,
    };
    by_type || rules.contains_key("properties")
}

/// A schema that says nothing about the value.
fn is_free(rules: &Map<String, Value>) -> bool {
    const SAYS: [&str; 8] = [
        "type",
        "$ref",
        "enum",
        "const",
        "oneOf",
        "anyOf",
        "allOf",
        "properties",
    ];
    !SAYS.iter().any(|it| rules.contains_key(*it))
}

/// A choice between objects: how serde tells the variants apart may not show every key to it. "This or null" is none.
fn chooses_objects(rules: &Map<String, Value>) -> bool {
    let branches = |name: &str| rules.get(name).and_then(Value::as_array);
    let is_null = |it: &Value| it.get("type").is_some_and(|it| it == "null");
    let is_plain = |it: &Value| {
        it.get("const").is_some()
            || it.get("enum").is_some()
            || it.get("type").is_some_and(|it| it == "string")
    };
    let any_of = branches("anyOf").is_some_and(|them| {
        let rest = them.iter().filter(|it| !is_null(it)).count();
        rest > 1
    });
    any_of
        || branches("oneOf").is_some_and(|them| !them.iter().all(is_plain))
        || rules.contains_key("allOf")
}

/// Rules that garde checks only with features which bring large crates; the schema checks them instead.
fn has_own_rules(rules: &Map<String, Value>) -> bool {
    let format = rules.get("format").and_then(Value::as_str);
    rules.contains_key("pattern") || matches!(format, Some("email" | "uri" | "hostname"))
}

/// Copies the members of a plain struct into a schema that has members of its own beside a reference to it, as a variant
/// of a tagged enum has: so both can be closed, the struct by itself and the mixture.
pub(crate) fn mix(schema: &mut Value, definitions: &Value) {
    match schema {
        Value::Object(rules) => {
            if let Some(target) = plain_target(rules, definitions) {
                rules.remove("$ref");
                for name in ["properties", "required"] {
                    match (rules.get_mut(name), target.get(name)) {
                        (Some(Value::Object(own)), Some(Value::Object(more))) => {
                            own.extend(more.clone());
                        }
                        (Some(Value::Array(own)), Some(Value::Array(more))) => {
                            own.extend(more.iter().cloned());
                        }
                        (None, Some(more)) => {
                            rules.insert(name.to_owned(), more.clone());
                        }
                        _ => {}
                    }
                }
            }
            rules.values_mut().for_each(|it| mix(it, definitions));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| mix(it, definitions)),
        _ => {}
    }
}

/// The struct that a schema with members of its own refers to, when nothing but members is in it.
fn plain_target<'a>(
    rules: &Map<String, Value>,
    definitions: &'a Value,
) -> Option<&'a Map<String, Value>> {
    let name = rules.get("$ref")?.as_str()?.rsplit('/').next()?;
    rules.get("properties")?.as_object()?;
    let target = definitions.get(name)?.as_object()?;
    const PLAIN: [&str; 5] = ["type", "properties", "required", "description", "title"];
    let plain =
        target.contains_key("properties") && target.keys().all(|it| PLAIN.contains(&it.as_str()));
    plain.then_some(target)
}

/// Finds the definitions that a schema with members of its own refers to.
fn collect_shared(schema: &Value, shared: &mut Vec<String>) {
    match schema {
        Value::Object(rules) => {
            if rules.contains_key("properties") {
                note_target(schema, shared);
                for name in ["allOf", "anyOf", "oneOf"] {
                    let branches = rules.get(name).and_then(Value::as_array);
                    branches
                        .into_iter()
                        .flatten()
                        .for_each(|it| note_target(it, shared));
                }
            } else if let Some(all) = rules.get("allOf").and_then(Value::as_array) {
                all.iter().for_each(|it| note_target(it, shared));
            }
            rules.values().for_each(|it| collect_shared(it, shared));
        }
        Value::Array(items) => items.iter().for_each(|it| collect_shared(it, shared)),
        _ => {}
    }
}

fn note_target(schema: &Value, shared: &mut Vec<String>) {
    let target = schema.get("$ref").and_then(Value::as_str);
    if let Some(name) = target.and_then(|it| it.rsplit('/').next()) {
        shared.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde_json::json;

    use super::*;

    fn closed<T: JsonSchema>() -> (Value, bool) {
        let mut schema = schemars::schema_for!(T).to_value();
        let enough = close(&mut schema);
        (schema, enough)
    }

    #[derive(JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Closed {
        name: String,
        tags: Option<Vec<String>>,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Open {
        inner: Closed,
    }

    #[derive(JsonSchema)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    #[allow(dead_code, reason = "only its schema is used")]
    enum Tagged {
        Card { number: String },
        Shared(Inner),
    }

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Inner {
        iban: String,
    }

    #[test]
    fn a_closed_type_is_left_to_serde() {
        assert!(closed::<Closed>().1);
        assert!(closed::<Option<Vec<Closed>>>().1);
    }

    #[test]
    fn an_open_type_is_closed_and_read_strictly() {
        let (schema, enough) = closed::<Open>();
        assert!(!enough);
        assert_eq!(schema["additionalProperties"], json!(false));
    }

    #[test]
    fn maps_and_free_values_are_read_strictly_and_stay_open() {
        let (schema, enough) = closed::<std::collections::HashMap<String, u8>>();
        assert!(!enough);
        assert_ne!(schema["additionalProperties"], json!(false));
        assert!(!closed::<Value>().1);
    }

    #[test]
    fn a_definition_whose_members_are_mixed_with_others_stays_open() {
        let (schema, _) = closed::<Tagged>();
        let value = json!({"kind": "shared", "iban": "x"});
        let schema = schemars::Schema::try_from(schema).unwrap();
        assert_eq!(atlas_schema::violations(&schema, &value), []);
        let value = json!({"kind": "card", "number": "1"});
        assert_eq!(atlas_schema::violations(&schema, &value), []);
        let value = json!({"kind": "card", "number": "1", "more": 1});
        assert_eq!(atlas_schema::violations(&schema, &value).len(), 1);
    }
}
