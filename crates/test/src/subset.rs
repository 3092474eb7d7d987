//! Whether a JSON value holds at least what a test expects, and where it does not.

use std::fmt::Write;

use serde_json::Value;

/// Compares `actual` with `expected` and says every difference, one a line; empty when there is none.
///
/// An object may have more members than expected; an array must have exactly the expected length; numbers are compared
/// by value, so `1` equals `1.0`.
pub(crate) fn differences(expected: &Value, actual: &Value) -> String {
    let mut out = String::new();
    walk(expected, actual, &mut String::new(), &mut out);
    out
}

fn walk(expected: &Value, actual: &Value, at: &mut String, out: &mut String) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (key, expected) in expected {
                let length = at.len();
                at.push('/');
                at.push_str(&key.replace('~', "~0").replace('/', "~1"));
                match actual.get(key) {
                    Some(actual) => walk(expected, actual, at, out),
                    None => missing(expected, actual.keys(), at, out),
                }
                at.truncate(length);
            }
        }
        (Value::Array(expected), Value::Array(actual)) => {
            if expected.len() != actual.len() {
                let _ = writeln!(
                    out,
                    "{}: expected {} elements, found {}",
                    place(at),
                    expected.len(),
                    actual.len()
                );
            }
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                let length = at.len();
                let _ = write!(at, "/{index}");
                walk(expected, actual, at, out);
                at.truncate(length);
            }
        }
        _ if equal(expected, actual) => {}
        _ => {
            let _ = writeln!(
                out,
                "{}: expected {expected}, found {}",
                place(at),
                short(actual)
            );
        }
    }
}

fn missing<'a>(
    expected: &Value,
    keys: impl Iterator<Item = &'a String>,
    at: &str,
    out: &mut String,
) {
    let keys: Vec<_> = keys.map(|key| format!("`{key}`")).collect();
    let _ = write!(out, "{at}: expected {expected}, found nothing");
    let _ = match keys.as_slice() {
        [] => writeln!(out, "; the object is empty"),
        keys => writeln!(out, "; the object has {}", keys.join(", ")),
    };
}

fn equal(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => expected == actual,
    }
}

fn place(at: &str) -> &str {
    if at.is_empty() { "the document" } else { at }
}

/// Large values are cut: the place says where to look.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::differences;

    #[test]
    fn more_members_than_expected_are_fine() {
        let actual = json!({ "id": 1, "tags": ["a", { "b": 2, "c": 3 }], "more": null });
        let expected = json!({ "id": 1.0, "tags": ["a", { "b": 2 }] });
        assert_eq!(differences(&expected, &actual), "");
    }

    #[test]
    fn every_difference_is_named_with_its_place() {
        let actual = json!({ "name": "tea", "price": { "units": 3 }, "tags": [1, 2], "a/b": {} });
        let expected = json!({
            "name": "coffee",
            "price": { "units": "3", "nanos": 0 },
            "tags": [1],
            "a/b": { "c": true },
        });
        let said = differences(&expected, &actual);
        let expected = r#"/a~1b/c: expected true, found nothing; the object is empty
/name: expected "coffee", found "tea"
/price/nanos: expected 0, found nothing; the object has `units`
/price/units: expected "3", found 3
/tags: expected 1 elements, found 2
"#;
        assert_eq!(said, expected);
    }

    #[test]
    fn the_document_itself_may_differ() {
        assert_eq!(
            differences(&json!([]), &json!({})),
            "the document: expected [], found {}\n"
        );
    }
}
