//! Filters with operators: `filter[price][gte]=10`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The mark of a field that is filtered by operators.
pub(crate) const MARK: &str = "x-filter";

/// A field that is the same as a value or is not: an identifier, a truth value, one of a set.
///
/// A field of this type in the filter of a list is asked for as `filter[<field>][<operator>]=<value>`; plain
/// `<field>=<value>` is `eq`. What no field and no operator is, is refused with 400.
///
/// ```
/// use atlas_http::page::{Equal, Range, Text};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema, garde::Validate)]
/// #[serde(deny_unknown_fields, default)]
/// #[garde(allow_unvalidated)]
/// # #[derive(Default)]
/// struct TeaFilter {
///     /// What it is called.
///     name: Text,
///     /// What a hundred grams cost.
///     price: Range<i64>,
///     /// Whether it may be sold.
///     sold: Equal<bool>,
/// }
///
/// let filter: TeaFilter = serde_json::from_str(r#"{"price": {"gte": 10, "lt": 20}}"#).unwrap();
/// assert_eq!(filter.price.terms(), [("lt".into(), 20.into()), ("gte".into(), 10.into())]);
/// assert!(filter.name.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
#[schemars(inline, extend("x-filter" = true))]
pub struct Equal<T> {
    /// Is this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eq: Option<T>,
    /// Is another value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ne: Option<T>,
    /// Is one of these values; give it once for each.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub one_of: Option<Vec<T>>,
    /// Has no value, or has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub null: Option<bool>,
}

/// A field whose values have an order: a number, a date, a time. See [`Equal`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
#[schemars(inline, extend("x-filter" = true))]
pub struct Range<T> {
    /// Is this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eq: Option<T>,
    /// Is another value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ne: Option<T>,
    /// Is less than this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lt: Option<T>,
    /// Is at most this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lte: Option<T>,
    /// Is greater than this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gt: Option<T>,
    /// Is at least this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gte: Option<T>,
    /// Is one of these values; give it once for each.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub one_of: Option<Vec<T>>,
    /// Has no value, or has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub null: Option<bool>,
}

/// A field that holds a text. See [`Equal`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("x-filter" = true))]
pub struct Text {
    /// Is this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eq: Option<String>,
    /// Is another text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ne: Option<String>,
    /// Is one of these texts; give it once for each.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub one_of: Option<Vec<String>>,
    /// Contains this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub contains: Option<String>,
    /// Has no value, or has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub null: Option<bool>,
}

macro_rules! terms {
    ($type:ty, $($generic:ident)?) => {
        impl$(<$generic: Serialize>)? $type {
            /// What is asked for: operators and their operands, all of which hold. The crate `db` makes a condition of them.
            pub fn terms(&self) -> Vec<(String, Value)> {
                match serde_json::to_value(self) {
                    Ok(Value::Object(terms)) => order(terms.into_iter().collect()),
                    _ => Vec::new(),
                }
            }

            /// Says whether nothing is asked for.
            pub fn is_empty(&self) -> bool {
                self.terms().is_empty()
            }
        }
    };
}

terms!(Equal<T>, T);
terms!(Range<T>, T);
terms!(Text,);

/// The same order whatever the map keeps: that of the fields.
fn order(mut terms: Vec<(String, Value)>) -> Vec<(String, Value)> {
    const ORDER: [&str; 9] = [
        "eq", "ne", "lt", "lte", "gt", "gte", "in", "contains", "null",
    ];
    terms.sort_by_key(|(operator, _)| ORDER.iter().position(|it| it == operator));
    terms
}

/// The name of a filter's parameter.
pub(crate) fn name(field: &str, operator: &str) -> String {
    format!("filter[{field}][{operator}]")
}

/// Field and operator of a parameter's name.
pub(crate) fn parse(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("filter[")?
        .strip_suffix(']')?
        .split_once("][")
}
