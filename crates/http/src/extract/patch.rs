//! Partial changes: JSON Merge Patch (RFC 7396).

use std::borrow::Cow;

use garde::Validate;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

use super::json::JsonPlan;
use super::{Input, body, media};
use crate::problem::{Problem, Result};
use crate::routes::{Argument, Incoming, Operation};

const MEDIA_TYPE: &str = "application/merge-patch+json";

/// The body as a JSON Merge Patch: an object whose fields are all optional, sent as `application/merge-patch+json`
/// (or as `application/json`, which clients that know no better use).
///
/// Fields are `Option<T>` with `#[serde(default)]` where `null` means nothing of its own, and [`Field<T>`] where
/// `null` removes the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patch<T>(pub T);

impl<S: Sync, T: Input> Argument<S> for Patch<T> {
    type Plan = JsonPlan;

    fn plan(operation: &mut Operation) -> JsonPlan {
        operation.body::<T>(MEDIA_TYPE);
        for status in [400, 413, 415, 422] {
            operation.problem(status);
        }
        JsonPlan::of::<T>()
    }

    async fn take(plan: &JsonPlan, request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        let accepted = [MEDIA_TYPE, "application/json"];
        if !media::is(&request.parts.headers, &accepted, false) {
            return Err(Problem::unsupported_media_type(MEDIA_TYPE).into());
        }
        let text = body::read(request).await?;
        plan.read(&text).map(Self)
    }
}

/// A field of a patch: left alone, removed by `null`, or set.
///
/// ```
/// use atlas_http::extract::Field;
///
/// #[derive(serde::Deserialize)]
/// struct Change {
///     #[serde(default)]
///     note: Field<String>,
/// }
/// let read = |text: &str| serde_json::from_str::<Change>(text).unwrap().note;
/// assert_eq!(read("{}"), Field::Absent);
/// assert_eq!(read(r#"{"note": null}"#), Field::Null);
/// assert_eq!(read(r#"{"note": "x"}"#), Field::Value("x".to_owned()));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Not in the patch: the value stays.
    #[default]
    Absent,
    /// `null`: the value is removed.
    Null,
    /// The new value.
    Value(T),
}

impl<T> Field<T> {
    /// What to do: `None` leaves it alone, `Some(None)` removes it, `Some(Some(value))` sets it.
    pub fn change(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }

    /// Applies it to a value.
    pub fn apply(self, value: &mut Option<T>) {
        if let Some(change) = self.change() {
            *value = change;
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

impl<T: JsonSchema> JsonSchema for Field<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        Option::<T>::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

impl<T: Validate> Validate for Field<T> {
    type Context = T::Context;

    fn validate_into(
        &self,
        context: &Self::Context,
        parent: &mut dyn FnMut() -> garde::Path,
        report: &mut garde::Report,
    ) {
        if let Self::Value(value) = self {
            value.validate_into(context, parent, report);
        }
    }
}
