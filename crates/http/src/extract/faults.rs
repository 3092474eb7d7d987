//! From what the schema, garde and serde complain about to faults with their places.

use serde_json::Value;

use super::strict::push_token;
use crate::problem::{Fault, Place, Problem};

/// Everything that the schema finds wrong with a body.
pub(super) fn body_faults(schema: &schemars::Schema, value: &Value) -> Vec<Fault> {
    let violations = atlas_schema::violations(schema, value);
    violations
        .into_iter()
        .map(|it| {
            let message = it.to_string();
            Fault::new(Place::Body(it.pointer), it.code, message)
        })
        .collect()
}

/// Adds what garde found, where nothing was found before.
pub(super) fn add_garde(faults: &mut Vec<Fault>, schema: &Value, report: &garde::Report) {
    let known: Vec<Place> = faults.iter().map(|it| it.place().clone()).collect();
    let found = garde_faults(schema, report, Place::Body);
    faults.extend(found.into_iter().filter(|it| !known.contains(it.place())));
}

/// What garde found, each at the place that `place` makes of its JSON Pointer.
pub(crate) fn garde_faults(
    schema: &Value,
    report: &garde::Report,
    place: impl Fn(String) -> Place,
) -> Vec<Fault> {
    report
        .iter()
        // one more than is listed tells that there are more
        .take(Problem::MOST_FAULTS + 1)
        .map(|(path, error)| {
            let place = place(pointer(schema, path));
            Fault::new(place, "invalid", error.message().to_owned())
        })
        .collect()
}

/// Where serde stopped, as a JSON Pointer, and why.
pub(super) fn serde_fault<E: std::fmt::Display>(
    error: &serde_path_to_error::Error<E>,
) -> (String, String) {
    use serde_path_to_error::Segment;

    let mut pointer = String::new();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => push_token(&mut pointer, &index.to_string()),
            Segment::Map { key } => push_token(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    (pointer, error.inner().to_string())
}

/// The JSON Pointer of a path of garde, which knows the names that fields have in Rust: the schema knows those in JSON.
fn pointer(root: &Value, path: &garde::Path) -> String {
    let mut pointer = String::new();
    let mut schema = Some(root);
    for (kind, component) in path.__iter().rev() {
        match kind {
            garde::error::Kind::None => {}
            garde::error::Kind::Index => {
                push_token(&mut pointer, component);
                schema = schema
                    .map(|it| resolve(root, it))
                    .and_then(|it| it.get("items"));
            }
            garde::error::Kind::Key => {
                let (name, inner) = member(root, schema, component);
                push_token(&mut pointer, name);
                schema = inner;
            }
        }
    }
    pointer
}

/// The name in JSON of a Rust field, and its schema.
fn member<'a>(
    root: &'a Value,
    schema: Option<&'a Value>,
    field: &'a str,
) -> (&'a str, Option<&'a Value>) {
    let field = field.strip_prefix("r#").unwrap_or(field);
    let members = schema
        .map(|it| resolve(root, it))
        .and_then(|it| it.get("properties"))
        .and_then(Value::as_object);
    let Some(members) = members else {
        return (field, None);
    };
    if let Some(schema) = members.get(field) {
        return (field, Some(schema));
    }
    let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    let wanted = plain(field);
    members
        .iter()
        .find(|(name, _)| plain(name) == wanted)
        .map_or((field, None), |(name, schema)| (name, Some(schema)))
}

/// The schema behind a `$ref`, or behind "this or null".
fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..16 {
        let target = schema.get("$ref").and_then(Value::as_str);
        let definition = target
            .and_then(|it| it.strip_prefix('#'))
            .and_then(|it| root.pointer(it));
        let branch = schema.get("anyOf").and_then(|it| it.get(0));
        match definition.or(branch) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use garde::Validate;
    use schemars::JsonSchema;

    use super::*;

    #[derive(JsonSchema, Validate)]
    #[serde(rename_all = "camelCase")]
    struct Order {
        #[garde(length(min = 1), dive)]
        order_lines: Vec<Line>,
        #[garde(dive)]
        ship_to: Option<Line>,
    }

    #[derive(JsonSchema, Validate)]
    #[serde(rename_all = "kebab-case")]
    struct Line {
        #[garde(range(min = 1))]
        unit_count: u8,
    }

    #[test]
    fn garde_speaks_of_fields_and_faults_of_json() {
        let order = Order {
            order_lines: vec![Line { unit_count: 1 }, Line { unit_count: 0 }],
            ship_to: Some(Line { unit_count: 0 }),
        };
        let report = order.validate().unwrap_err();
        let schema = schemars::schema_for!(Order).to_value();
        let faults = garde_faults(&schema, &report, Place::Body);
        let places: Vec<_> = faults.iter().map(Fault::place).collect();
        assert_eq!(
            places,
            [
                &Place::Body("/orderLines/1/unit-count".to_owned()),
                &Place::Body("/shipTo/unit-count".to_owned()),
            ]
        );
    }
}
