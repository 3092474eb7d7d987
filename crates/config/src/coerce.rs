//! From the text of a variable to the value that a key takes.

use serde_json::{Number, Value};

use crate::shape::Shape;
use crate::source::{Content, Node, Origin, inline_toml};

/// Reads a text as the schema wants it: a number, a boolean, a list (`a,b` or `["a", "b"]`), a table (`{ a = 1 }`).
///
/// What cannot be read stays a text, and the check of the schema says what is wrong. An empty text unsets an optional key.
pub(crate) fn coerce(text: &str, shape: Shape<'_>, origin: &Origin) -> Node {
    Node {
        content: content(text, shape, origin),
        origin: origin.clone(),
    }
}

fn content(text: &str, shape: Shape<'_>, origin: &Origin) -> Content {
    let types = shape.types();
    let allows = |name: &str| types.contains(&name);
    let trimmed = text.trim();
    if trimmed.is_empty() && allows("null") {
        return Content::Scalar(Value::Null);
    }
    if allows("boolean")
        && let Ok(it) = trimmed.parse::<bool>()
    {
        return Content::Scalar(it.into());
    }
    if allows("integer")
        && let Some(number) = integer(trimmed)
    {
        return Content::Scalar(Value::Number(number));
    }
    if allows("number")
        && let Some(number) = trimmed.parse().ok().and_then(Number::from_f64)
    {
        return Content::Scalar(Value::Number(number));
    }
    if allows("array") {
        return list(trimmed, shape, origin);
    }
    if allows("object")
        && trimmed.starts_with('{')
        && let Some(table) = inline_toml(trimmed, origin)
    {
        return table;
    }
    Content::Scalar(Value::from(text))
}

fn integer(text: &str) -> Option<Number> {
    text.parse::<i64>()
        .map(Number::from)
        .or_else(|_| text.parse::<u64>().map(Number::from))
        .ok()
}

fn list(text: &str, shape: Shape<'_>, origin: &Origin) -> Content {
    if text.starts_with('[') {
        return inline_toml(text, origin).unwrap_or_else(|| Content::Scalar(Value::from(text)));
    }
    if text.is_empty() {
        return Content::List(Vec::new());
    }
    // a list of lists needs brackets: commas cannot say where the inner ones end
    let shape = shape.items().filter(|items| !items.allows("array"));
    let items = text.split(',').map(str::trim).map(|item| match shape {
        Some(shape) => coerce(item, shape, origin),
        None => Node {
            content: Content::Scalar(Value::from(item)),
            origin: origin.clone(),
        },
    });
    Content::List(items.collect())
}
