//! One thing that is wrong with a value.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong with a value: where, a code for programs, a sentence for people.
///
/// The sentence never repeats the value, so it may be shown where the value may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Violation {
    /// JSON Pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) of the member; a missing member is named as if
    /// it were there, and the empty text is the whole value.
    pub pointer: String,
    /// What rule is broken: `type`, `required`, `unknown`, `enum`, `const`, `min_length`, `max_length`, `pattern`,
    /// `format`, `minimum`, `maximum`, `multiple_of`, `min_items`, `max_items`, `unique_items`, `contains`,
    /// `min_properties`, `max_properties`, `one_of`, `not`.
    pub code: &'static str,
    /// The rule in words, such as `must be at most 65535`; without the value and without the member's name.
    pub message: String,
    /// The name that was probably meant, for an unknown member or an unknown word of an enumeration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}
