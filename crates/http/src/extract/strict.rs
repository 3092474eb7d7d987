//! JSON read strictly: a key that is given twice is found.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::problem::Problem;

/// A JSON value, and the JSON Pointers of the keys that occur twice in their object.
pub(super) struct Strict {
    pub(super) value: Value,
    pub(super) duplicates: Vec<String>,
}

/// Reads a JSON text.
///
/// # Errors
///
/// The text is not JSON; nested deeper than 128 levels counts as that.
pub(super) fn read(text: &[u8]) -> serde_json::Result<Strict> {
    let mut walk = Walk::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = At(&mut walk).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(Strict {
        value,
        duplicates: walk.duplicates,
    })
}

/// Adds one reference token to a JSON Pointer (RFC 6901).
pub(crate) fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    for letter in token.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

#[derive(Default)]
struct Walk {
    pointer: String,
    duplicates: Vec<String>,
}

impl Walk {
    fn at<R>(&mut self, token: &str, step: impl FnOnce(&mut Self) -> R) -> R {
        let length = self.pointer.len();
        push_token(&mut self.pointer, token);
        let result = step(self);
        self.pointer.truncate(length);
        result
    }
}

struct At<'a>(&'a mut Walk);

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, it: bool) -> Result<Value, E> {
        Ok(Value::Bool(it))
    }

    fn visit_i64<E>(self, it: i64) -> Result<Value, E> {
        Ok(Value::from(it))
    }

    fn visit_u64<E>(self, it: u64) -> Result<Value, E> {
        Ok(Value::from(it))
    }

    /// JSON knows one kind of number: `1.0` is the integer 1 (as in JSON Schema), though serde tells them apart.
    fn visit_f64<E>(self, it: f64) -> Result<Value, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if it.fract() == 0.0 && it.abs() <= EXACT {
            return Ok(Value::from(it as i64));
        }
        Ok(Number::from_f64(it).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, it: &str) -> Result<Value, E> {
        Ok(Value::from(it))
    }

    fn visit_string<E>(self, it: String) -> Result<Value, E> {
        Ok(Value::String(it))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let index = list.len().to_string();
            let item = self
                .0
                .at(&index, |walk| items.next_element_seed(At(walk)))?;
            match item {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let value = self.0.at(&key, |walk| {
                if map.contains_key(&key) && walk.duplicates.len() <= Problem::MOST_FAULTS {
                    walk.duplicates.push(walk.pointer.clone());
                }
                members.next_value_seed(At(walk))
            })?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_that_occur_twice_are_found_at_every_depth() {
        let text = br#"{"a": 1, "b": [{"c~d": 1, "c~d": 2}], "a": {"x": null}}"#;
        let strict = read(text).unwrap();
        assert_eq!(strict.duplicates, ["/b/0/c~0d", "/a"]);
        assert_eq!(strict.value, json!({"a": {"x": null}, "b": [{"c~d": 2}]}));
    }

    #[test]
    fn an_integer_may_be_written_with_a_fraction_of_zero() {
        let strict = read(b"[1.0, -2e3, 1.5, 1e300]").unwrap();
        assert_eq!(strict.value, json!([1, -2000, 1.5, 1e300]));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        let deep = "[".repeat(200);
        for bad in ["", "{", "{}x", "{'a': 1}", "[1,]", "nul", "1e999", &deep] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
