//! One helper that knows the API.

use atlas_schema::violations;
use schemars::{JsonSchema, Schema, schema_for};
use serde_json::Value;

/// Each violation as `pointer code: message`.
pub(crate) fn said(schema: &Schema, value: &Value) -> Vec<String> {
    violations(schema, value)
        .iter()
        .map(|it| format!("{} {}: {it}", it.pointer, it.code))
        .collect()
}

/// The same for the schema of a type.
pub(crate) fn said_of<T: JsonSchema>(value: &Value) -> Vec<String> {
    said(&schema_for!(T), value)
}
