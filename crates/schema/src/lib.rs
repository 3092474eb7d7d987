//! Checks a JSON value against the schema that a type derives, and says everything that is wrong at once.
//!
//! Deserialising stops at the first fault and knows no names to suggest. When it has failed, this crate finds the rest:
//! [`violations`] walks value and schema together and returns one [`Violation`] a fault, each with the JSON Pointer of
//! the member, a stable code, a sentence, and for a name that is almost right the name that was probably meant.
//!
//! ```
//! use atlas_schema::violations;
//! use schemars::JsonSchema;
//! use serde_json::json;
//!
//! #[derive(JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! #[allow(dead_code, reason = "only its schema is used")]
//! struct Product {
//!     #[schemars(length(min = 1))]
//!     name: String,
//!     stock: u16,
//! }
//!
//! let found = violations(&schemars::schema_for!(Product), &json!({ "name": "", "stok": 3 }));
//! let said: Vec<String> = found.iter().map(|it| format!("{}: {it}", it.pointer)).collect();
//! assert_eq!(said, [
//!     "/stock: is required",
//!     "/name: must have at least 1 character",
//!     "/stok: unknown field `stok`; did you mean `stock`?",
//! ]);
//! ```
//!
//! It is meant for the path where something has already failed: it allocates, and it is not a validator for every
//! dialect of JSON Schema. It knows the keywords that schemars 1 emits (draft 2020-12), which are also those of
//! OpenAPI 3.1, and ignores the others. Two deliberate differences from the standard, because serde decides in the end:
//! `1.0` is not an `integer`, and integer formats such as `uint32` are bounds.
//!
//! The keyword `x-expected` on a schema puts words in place of a bare type or pattern:
//! `"x-expected": "a duration such as `30s`"`.

mod array;
mod check;
mod combine;
mod format;
mod number;
mod object;
mod pattern;
mod resolve;
mod suggest;
mod text;
mod violation;
mod words;

pub use self::check::{LIMIT, violations};
pub use self::suggest::closest;
pub use self::violation::Violation;
