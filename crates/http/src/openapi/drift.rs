//! Whether a committed document is still the one that the routes make.

use std::fmt;

use serde_json::Value;

use crate::extract::push_token;

/// One difference between two documents.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The routes have something here that the file lacks (JSON Pointer).
    Added(String),
    /// The file has something here that the routes lack (JSON Pointer).
    Removed(String),
    /// Both have something here, and not the same: JSON Pointer, what the file says, what the routes say.
    Changed(String, String, String),
}

/// Compares the text of a committed document with the one that the routes make: empty when they say the same, whatever
/// the order and the white space.
///
/// ```
/// use atlas_http::openapi::differences;
/// use serde_json::json;
///
/// let now = json!({ "openapi": "3.1.0", "paths": { "/teas": {} } });
/// let found = differences(r#"{ "openapi": "3.1.0", "paths": { "/tea": {} } }"#, &now).unwrap();
/// let said: Vec<String> = found.iter().map(ToString::to_string).collect();
/// assert_eq!(said, ["- /paths/~1tea", "+ /paths/~1teas"]);
/// ```
///
/// # Errors
///
/// The text is not JSON.
pub fn differences(committed: &str, now: &Value) -> Result<Vec<Difference>, serde_json::Error> {
    let committed: Value = serde_json::from_str(committed)?;
    let mut found = Vec::new();
    compare("", &committed, now, &mut found);
    Ok(found)
}

fn compare(pointer: &str, old: &Value, new: &Value, found: &mut Vec<Difference>) {
    let below = |token: &str| {
        let mut pointer = pointer.to_owned();
        push_token(&mut pointer, token);
        pointer
    };
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in old {
                match new.get(name) {
                    Some(other) => compare(&below(name), value, other, found),
                    None => found.push(Difference::Removed(below(name))),
                }
            }
            let added = new.keys().filter(|it| !old.contains_key(*it));
            found.extend(added.map(|it| Difference::Added(below(it))));
        }
        (Value::Array(list), Value::Array(other))
            if list != other && is_plain(list) && is_plain(other) =>
        {
            let change = Difference::Changed(pointer.to_owned(), brief(old), brief(new));
            found.push(change);
        }
        (Value::Array(old), Value::Array(new)) => {
            for (at, pair) in old.iter().zip(new).enumerate() {
                compare(&below(&at.to_string()), pair.0, pair.1, found);
            }
            let (few, many) = (old.len().min(new.len()), old.len().max(new.len()));
            let rest = (few..many).map(|at| below(&at.to_string()));
            if old.len() > new.len() {
                found.extend(rest.map(Difference::Removed));
            } else {
                found.extend(rest.map(Difference::Added));
            }
        }
        (old, new) if old != new => {
            let change = Difference::Changed(pointer.to_owned(), brief(old), brief(new));
            found.push(change);
        }
        _ => {}
    }
}

/// A list of names or numbers, which is compared as a whole.
fn is_plain(list: &[Value]) -> bool {
    !list.iter().any(|it| it.is_object() || it.is_array())
}

fn brief(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(list) if !is_plain(list) => "a list".to_owned(),
        other => {
            let text = other.to_string();
            match text.char_indices().nth(60) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(pointer) => write!(f, "+ {pointer}"),
            Self::Removed(pointer) => write!(f, "- {pointer}"),
            Self::Changed(pointer, old, new) => write!(f, "~ {pointer}: {old} → {new}"),
        }
    }
}
