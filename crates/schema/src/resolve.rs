//! `$ref` inside one document.

use serde_json::{Map, Value};

/// The schema that `rules` refers to, if it refers to one in the same document.
pub(crate) fn reference<'a>(root: &'a Value, rules: &Map<String, Value>) -> Option<&'a Value> {
    let target = rules.get("$ref")?.as_str()?.strip_prefix('#')?;
    root.pointer(&percent_decoded(target))
}

/// Follows references until a schema with rules of its own is met; gives up on a ring.
pub(crate) fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..32 {
        match schema.as_object().and_then(|rules| reference(root, rules)) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
