//! Integers beyond 2^53.

use std::borrow::Cow;

use garde::Validate;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An integer of 64 bits that is a text in JSON, because a number there may lose its last digits.
///
/// ```
/// use atlas_http::wire::LongInteger;
///
/// let json = serde_json::to_string(&LongInteger(i64::MAX)).unwrap();
/// assert_eq!(json, r#""9223372036854775807""#);
/// assert_eq!(serde_json::from_str::<LongInteger>(&json).unwrap(), LongInteger(i64::MAX));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LongInteger(pub i64);

impl Serialize for LongInteger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LongInteger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let value = text.parse().ok().filter(|it: &i64| it.to_string() == *text);
        value
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected an integer of 64 bits as text"))
    }
}

impl JsonSchema for LongInteger {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "LongInteger".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // every text of 18 digits fits; the few longer ones that fit are what `oneOf` is not worth
        json_schema!({ "type": "string", "pattern": "^(0|-?[1-9][0-9]{0,18})$", "x-expected": "an integer of 64 bits as text" })
    }
}

impl Validate for LongInteger {
    type Context = ();

    fn validate_into(&self, (): &(), _: &mut dyn FnMut() -> garde::Path, _: &mut garde::Report) {}
}
