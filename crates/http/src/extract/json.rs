//! JSON, in and out.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use garde::Validate;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::objects::Objects;
use super::{body, faults, media, shape, strict};
use crate::problem::{Error, Fault, Place, Problem, Result};
use crate::routes::{Argument, Incoming, Operation, Reply};

const MEDIA_TYPE: &str = "application/json";

/// The body as JSON: as an argument read and checked, as an answer written with status 200.
///
/// See [`extract`](crate::extract) for what is refused, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

/// What can be read from a request: deserialised, described by a schema and checked by garde.
///
/// A type without rules derives `Validate` all the same, with `#[garde(allow_unvalidated)]`: the rules that are added
/// later are then checked, not just documented.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a request",
    note = "derive what it takes: `#[derive(serde::Deserialize, schemars::JsonSchema, garde::Validate)]`",
    note = "without rules, add `#[garde(allow_unvalidated)]`; a body of several objects is `Json<Vec<…>>`"
)]
pub trait Input:
    DeserializeOwned + JsonSchema + Validate<Context: Default> + Send + 'static
{
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema + Validate<Context: Default> + Send + 'static> Input for T {}

/// How bodies of one type are read.
#[derive(Debug)]
pub struct JsonPlan {
    schema: Schema,
    /// Serde alone refuses what the schema does, so that the first reading can be the last.
    serde_is_enough: bool,
}

impl JsonPlan {
    pub(super) fn of<T: JsonSchema>() -> Self {
        let generator = SchemaSettings::draft2020_12().into_generator();
        let mut schema = generator.into_root_schema_for::<T>().to_value();
        let serde_is_enough = shape::close(&mut schema);
        Self {
            schema: Schema::try_from(schema).unwrap_or_default(),
            serde_is_enough,
        }
    }

    /// Reads a body.
    pub(super) fn read<T: Input>(&self, text: &[u8]) -> Result<T> {
        if self.serde_is_enough
            && let Ok(value) = typed::<T>(text)
            && value.validate().is_ok()
        {
            return Ok(value);
        }
        let (value, mut faults) = self.examine(text)?;
        match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(typed) => {
                if let Err(report) = typed.validate() {
                    faults::add_garde(&mut faults, self.schema.as_value(), &report);
                }
                if faults.is_empty() {
                    return Ok(typed);
                }
            }
            // what the schema has found says it better
            Err(_) if !faults.is_empty() => {}
            Err(error) => {
                let (pointer, message) = faults::serde_fault(&error);
                faults.push(Fault::new(Place::Body(pointer), "invalid", message));
            }
        }
        Err(Problem::invalid(faults).into())
    }

    /// Reads a body without its type, and finds what its schema does not allow.
    fn examine(&self, text: &[u8]) -> Result<(Value, Vec<Fault>)> {
        if text.is_empty() {
            return Err(Problem::malformed("the body is empty; send JSON").into());
        }
        let strict = strict::read(text)
            .map_err(|error| Problem::malformed(format!("the body is not JSON: {error}")))?;
        if !strict.duplicates.is_empty() {
            let faults = strict.duplicates.into_iter().map(|pointer| {
                Fault::new(Place::Body(pointer), "duplicate", "is given more than once")
            });
            let problem = Problem::malformed("a key is given more than once");
            return Err(problem.faults(faults).into());
        }
        let faults = faults::body_faults(&self.schema, &strict.value);
        Ok((strict.value, faults))
    }
}

/// Reads a body in one pass.
fn typed<T: DeserializeOwned>(text: &[u8]) -> serde_json::Result<T> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = T::deserialize(Objects(&mut json))?;
    json.end()?;
    Ok(value)
}

impl<S: Sync, T: Input> Argument<S> for Json<T> {
    type Plan = JsonPlan;

    fn plan(operation: &mut Operation) -> JsonPlan {
        operation.body::<T>(MEDIA_TYPE);
        for status in [400, 413, 415, 422] {
            operation.problem(status);
        }
        JsonPlan::of::<T>()
    }

    async fn take(plan: &JsonPlan, request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        if !media::is(&request.parts.headers, &[MEDIA_TYPE], true) {
            return Err(Problem::unsupported_media_type(MEDIA_TYPE).into());
        }
        let text = body::read(request).await?;
        plan.read(&text).map(Self)
    }
}

/// What can be written as JSON: serialised, and described by a schema.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written to a response",
    note = "derive what it takes: `#[derive(serde::Serialize, schemars::JsonSchema)]`"
)]
pub trait Output: Serialize + JsonSchema + Send {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema + Send> Output for T {}

impl<T: Output> Reply for Json<T> {
    const MEDIA: Option<&'static str> = Some(MEDIA_TYPE);

    fn describe(operation: &mut Operation) {
        operation.replies::<T>(200, MEDIA_TYPE, "Done.");
    }

    fn respond(self) -> Response {
        json_response(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        json_response(StatusCode::OK, &self.0)
    }
}

/// A response with `value` as its body, written once into one buffer.
pub(crate) fn json_response<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let mut buffer = Vec::with_capacity(256);
    match serde_json::to_writer(&mut buffer, value) {
        Ok(()) => {
            let mut response = Response::new(Body::from(buffer));
            *response.status_mut() = status;
            let media = HeaderValue::from_static(MEDIA_TYPE);
            response.headers_mut().insert(header::CONTENT_TYPE, media);
            response
        }
        Err(error) => Error::from(atlas_core::Error::internal(error)).into_response(),
    }
}
