//! What a key takes, in words.

use serde_json::Value;

use crate::shape::Shape;

/// What a key takes, such as `integer, 0 to 65535` or `list of text`.
pub(crate) fn of(shape: Shape<'_>) -> String {
    let mut label = kind(shape);
    let length = |name| shape.number(name);
    let (least, most) = (
        bound(shape, "minimum", "exclusiveMinimum", "more than"),
        bound(shape, "maximum", "exclusiveMaximum", "less than"),
    );
    let numeric = shape.text("x-type").is_none();
    match (least, most) {
        (Some(least), Some(most)) if numeric => match (
            least.strip_prefix("at least "),
            most.strip_prefix("at most "),
        ) {
            (Some(least), Some(most)) => label = format!("{label}, {least} to {most}"),
            _ => label = format!("{label}, {least} and {most}"),
        },
        (Some(one), None) | (None, Some(one)) if numeric => label = format!("{label}, {one}"),
        _ => {}
    }
    for (least, most, noun) in [
        ("minLength", "maxLength", "characters"),
        ("minItems", "maxItems", "items"),
    ] {
        match (length(least), length(most)) {
            (Some(least), Some(most)) => label = format!("{label}, {least} to {most} {noun}"),
            (Some(least), None) => label = format!("{label}, at least {least} {noun}"),
            (None, Some(most)) => label = format!("{label}, at most {most} {noun}"),
            (None, None) => {}
        }
    }
    if let Some(pattern) = shape.text("pattern").filter(|_| numeric) {
        label = format!("{label}, pattern `{pattern}`");
    }
    label
}

fn bound(shape: Shape<'_>, name: &str, exclusive: &str, words: &str) -> Option<String> {
    let plain = if name == "minimum" {
        "at least"
    } else {
        "at most"
    };
    let stated = shape.number(name).map(|it| format!("{plain} {it}"));
    stated.or_else(|| shape.number(exclusive).map(|it| format!("{words} {it}")))
}

/// The kind of value alone, such as `integer`.
pub(crate) fn kind(shape: Shape<'_>) -> String {
    kind_within(shape, 0)
}

fn kind_within(shape: Shape<'_>, depth: usize) -> String {
    let secret = if shape.is_secret() { "secret " } else { "" };
    if let Some(name) = shape.text("x-type") {
        return format!("{secret}{name}");
    }
    let choices = shape.choices();
    let types: Vec<&str> = shape
        .types()
        .into_iter()
        .filter(|it| *it != "null")
        .collect();
    if !choices.is_empty() && types.iter().all(|it| *it == "string") {
        let words: Vec<String> = choices.iter().map(|it| format!("`{it}`")).collect();
        return format!("{secret}{}", alternatives(&words));
    }
    let kinds: Vec<String> = types
        .into_iter()
        .map(|name| match name {
            "string" => "text".to_owned(),
            "array" => match shape.items() {
                Some(items) => format!("list of {}", many(items, depth + 1)),
                None => "list".to_owned(),
            },
            "object" => match shape.values().filter(|_| shape.properties().is_empty()) {
                Some(values) => format!("table of {}", many(values, depth + 1)),
                None => "table".to_owned(),
            },
            other => other.to_owned(),
        })
        .collect();
    format!("{secret}{}", alternatives(&kinds))
}

/// The kind of the values that a list or table holds.
fn many(shape: Shape<'_>, depth: usize) -> String {
    /// A list may hold lists of its own kind without end.
    const DEEPEST: usize = 4;
    let members: Vec<String> = shape
        .properties()
        .into_iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    if !members.is_empty() {
        return format!("tables with {}", members.join(", "));
    }
    let kind = if depth < DEEPEST {
        kind_within(shape, depth)
    } else {
        String::new()
    };
    if kind.is_empty() {
        "values".to_owned()
    } else {
        kind
    }
}

/// `a`, `a or b`, `a, b or c`.
fn alternatives(words: &[String]) -> String {
    match words {
        [many @ .., last] if !many.is_empty() => format!("{} or {last}", many.join(", ")),
        _ => words.concat(),
    }
}

/// What was expected, with an article: `an integer or text`.
pub(crate) fn expected(shape: Shape<'_>) -> String {
    if let Some(words) = shape.text("x-expected") {
        return words.to_owned();
    }
    let types = shape.types().into_iter().filter(|it| *it != "null");
    let words: Vec<&str> = types
        .map(|name| match name {
            "string" => "text",
            "boolean" => "`true` or `false`",
            "integer" => "an integer",
            "number" => "a number",
            "array" => "a list",
            "object" => "a table",
            other => other,
        })
        .collect();
    words.join(" or ")
}

/// What was found, with an article.
pub(crate) fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "an integer",
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}
