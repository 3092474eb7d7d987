//! The path.

use axum::extract::{FromRequestParts, RawPathParams};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::text::{parameter_of, typed};
use crate::problem::{Fault, Place, Problem, Result};
use crate::routes::{Argument, Incoming, Operation};

/// The parameters in the path: one value, a tuple in order, or a struct by names.
///
/// A value against the rules of its type is refused with 422, and the fault names the parameter. The names of a struct's
/// fields must be those in the path; that is checked when the service starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path<T>(pub T);

/// What can be read from a path: deserialised, and described by a schema.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a path",
    note = "derive what it takes: `#[derive(serde::Deserialize, schemars::JsonSchema)]`"
)]
pub trait PathInput: DeserializeOwned + JsonSchema + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema + Send + 'static> PathInput for T {}

/// How paths of one type are read.
#[derive(Debug)]
pub struct PathPlan {
    schema: Schema,
    /// There are rules that serde does not check.
    ruled: bool,
}

impl<S: Sync, T: PathInput> Argument<S> for Path<T> {
    type Plan = PathPlan;

    fn plan(operation: &mut Operation) -> PathPlan {
        operation.path_parameters::<T>();
        operation.problem(404);
        operation.problem(422);
        let generator = SchemaSettings::draft2020_12().into_generator();
        let schema = generator.into_root_schema_for::<T>();
        let ruled = has_rules(schema.as_value());
        PathPlan { schema, ruled }
    }

    async fn take(plan: &PathPlan, request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        let parts = &mut request.parts;
        let typed = axum::extract::Path::<T>::from_request_parts(parts, &()).await;
        let error = match typed {
            Ok(axum::extract::Path(value)) if !plan.ruled => return Ok(Self(value)),
            Ok(axum::extract::Path(value)) => {
                let raw = RawPathParams::from_request_parts(parts, &()).await;
                let faults = raw.map(|raw| plan.faults(&raw)).unwrap_or_default();
                if faults.is_empty() {
                    return Ok(Self(value));
                }
                return Err(Problem::invalid(faults).into());
            }
            Err(error) => error,
        };
        let Ok(raw) = RawPathParams::from_request_parts(parts, &()).await else {
            return Err(Problem::malformed("the path is not UTF-8").into());
        };
        let mut faults = plan.faults(&raw);
        if faults.is_empty() {
            let name = raw.iter().next().map_or("", |(name, _)| name);
            let message = error.body_text();
            // axum puts its own words before those of the type
            let message = message.rsplit(": ").next().unwrap_or(&message).to_owned();
            faults.push(Fault::new(Place::Path(name.to_owned()), "invalid", message));
        }
        Err(Problem::invalid(faults).into())
    }
}

impl PathPlan {
    /// What the schema finds wrong with the parameters.
    fn faults(&self, raw: &RawPathParams) -> Vec<Fault> {
        let root = self.schema.as_value();
        let names: Vec<&str> = raw.iter().map(|(name, _)| name).collect();
        let violations = if let Some(members) = self.members() {
            let value: Map<String, Value> = raw
                .iter()
                .map(|(name, text)| (name.to_owned(), typed(root, members.get(name), text)))
                .collect();
            atlas_schema::violations(&self.schema, &Value::Object(value))
        } else if let Some(items) = root.get("prefixItems") {
            let value = raw
                .iter()
                .enumerate()
                .map(|(at, (_, text))| typed(root, items.get(at), text));
            atlas_schema::violations(&self.schema, &value.collect())
        } else {
            let text = raw.iter().next().map_or("", |(_, text)| text);
            atlas_schema::violations(&self.schema, &typed(root, Some(root), text))
        };
        violations
            .into_iter()
            .map(|it| {
                let token = parameter_of(&it.pointer);
                let by_order = token.parse().ok().and_then(|at: usize| names.get(at));
                let name = match (token.is_empty(), by_order) {
                    (true, _) => names.first().copied().unwrap_or_default().to_owned(),
                    (false, Some(name)) if self.members().is_none() => (*name).to_owned(),
                    _ => token,
                };
                let message = it.to_string();
                Fault::new(Place::Path(name), it.code, message)
            })
            .collect()
    }

    fn members(&self) -> Option<&Map<String, Value>> {
        self.schema.get("properties").and_then(Value::as_object)
    }
}

/// Whether a schema has rules beyond types: serde checks types only.
fn has_rules(schema: &Value) -> bool {
    const RULES: [&str; 8] = [
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ];
    match schema {
        Value::Object(rules) => {
            // the bounds of an integer type are checked by parsing it
            let format = rules.get("format").and_then(Value::as_str);
            let integer = format.is_some_and(|it| it.starts_with("int") || it.starts_with("uint"));
            !integer && RULES.iter().any(|it| rules.contains_key(*it))
                || rules.values().any(has_rules)
        }
        Value::Array(items) => items.iter().any(has_rules),
        _ => false,
    }
}
