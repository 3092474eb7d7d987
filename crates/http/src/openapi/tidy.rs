//! What schemars leaves out and clients need.

use serde_json::{Map, Value, json};

/// Gives integers the bounds of their type, in every schema of the document.
pub(super) fn schemas(value: &mut Value) {
    match value {
        Value::Object(map) => {
            bound(map);
            map.values_mut().for_each(schemas);
        }
        Value::Array(items) => items.iter_mut().for_each(schemas),
        _ => {}
    }
}

fn bound(schema: &mut Map<String, Value>) {
    let integer = match schema.get("type") {
        Some(Value::String(one)) => one == "integer",
        Some(Value::Array(many)) => many.iter().any(|it| it == "integer"),
        _ => false,
    };
    if !integer {
        return;
    }
    let (least, most) = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => (json!(i32::MIN), json!(i32::MAX)),
        Some("int64" | "int") => (json!(i64::MIN), json!(i64::MAX)),
        Some("uint32") => (json!(0), json!(u32::MAX)),
        Some("uint64" | "uint") => (json!(0), json!(u64::MAX)),
        _ => return,
    };
    let names = ["minimum", "exclusiveMinimum"];
    if !names.iter().any(|it| schema.contains_key(*it)) {
        schema.insert("minimum".to_owned(), least);
    }
    let names = ["maximum", "exclusiveMaximum"];
    if !names.iter().any(|it| schema.contains_key(*it)) {
        schema.insert("maximum".to_owned(), most);
    }
}

/// Takes `null` from the schema of a parameter: one that is optional is left out, it cannot be `null`.
pub(super) fn without_null(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    if map.get("default") == Some(&Value::Null) {
        map.remove("default");
    }
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|it| it != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|it| !it.is_null());
    }
    if let Some(Value::Array(branches)) = map.get_mut("anyOf") {
        branches.retain(|it| it.get("type") != Some(&json!("null")));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            map.remove("anyOf");
            map.extend(only);
        }
    }
}
