//! Types and values in words.

use serde_json::{Map, Value};

/// Whether the `type` of `rules` allows this kind of value; without the keyword every kind is allowed.
pub(crate) fn type_fits(rules: &Map<String, Value>, value: &Value) -> bool {
    match rules.get("type") {
        Some(Value::String(name)) => is(name, value),
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .any(|name| is(name, value)),
        _ => true,
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

/// What `rules` ask for, such as `an integer or a string`, or the words of `x-expected`.
pub(crate) fn expected(rules: &Map<String, Value>) -> String {
    if let Some(words) = rules.get("x-expected").and_then(Value::as_str) {
        return words.to_owned();
    }
    let names = match rules.get("type") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let said: Vec<&str> = names
        .into_iter()
        .filter(|name| *name != "null")
        .map(with_article)
        .collect();
    if said.is_empty() {
        "null".to_owned()
    } else {
        said.join(" or ")
    }
}

/// What kind of value was found.
pub(crate) fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn with_article(name: &str) -> &str {
    match name {
        "boolean" => "a boolean",
        "string" => "a string",
        "number" => "a number",
        "integer" => "an integer",
        "array" => "an array",
        "object" => "an object",
        other => other,
    }
}

/// A value of the schema (never of the input) as it would be written.
pub(crate) fn literal(value: &Value) -> String {
    match value {
        Value::String(word) => format!("`{word}`"),
        other => format!("`{other}`"),
    }
}

/// `1 character`, `2 characters`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    match (count, noun) {
        (1, _) => format!("1 {noun}"),
        (_, "property") => format!("{count} properties"),
        _ => format!("{count} {noun}s"),
    }
}
