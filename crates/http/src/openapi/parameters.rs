//! Parameters: of the path, the query string, the headers.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::components::Components;
use super::tidy;
use crate::page::filter;
use crate::routes::{Operation, SchemaOf};

/// The parameters of an operation.
pub(super) fn of(operation: &Operation, components: &mut Components) -> Vec<Value> {
    let mut list = in_path(operation, components);
    for schema in &operation.query {
        list.extend(members("query", *schema, components));
    }
    for schema in &operation.header_structs {
        list.extend(members("header", *schema, components));
    }
    for (name, schema) in &operation.query_values {
        let mut parameter = parameter("query", name, false, schema.clone());
        if schema["type"] == "array" {
            parameter["style"] = json!("form");
            parameter["explode"] = json!(false);
        }
        list.push(parameter);
    }
    for part in &operation.headers {
        let schema = components.input(part.schema);
        list.push(parameter("header", part.name, part.required, schema));
    }
    list
}

/// The path as OpenAPI writes it: `{*rest}` is `{rest}`.
pub(super) fn openapi_path(path: &str) -> String {
    path.replace("{*", "{")
}

/// The names of the parameters in a path.
fn names(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|it| it.split_once('}'))
        .map(|(name, _)| name.trim_start_matches('*'))
        .collect()
}

/// What is wrong between the path and the handler's `Path`, if something is.
pub(crate) fn path_mismatch(operation: &Operation) -> Option<String> {
    let schema = operation.path_parameters?;
    let names = names(&operation.path);
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let schema = schema(&mut generator).to_value();
    let listed = match names.as_slice() {
        [] => "no parameters".to_owned(),
        names => format!("`{}`", names.join("`, `")),
    };
    match shape(&schema) {
        Shape::Struct(members) => {
            let mut members: Vec<&str> = members.keys().map(String::as_str).collect();
            let mut wanted = names;
            members.sort_unstable();
            wanted.sort_unstable();
            let asked = members.join("`, `");
            (members != wanted)
                .then(|| format!("asks for `{asked}` by `Path`, and the path has {listed}"))
        }
        Shape::Tuple(items) => (items.len() != names.len()).then(|| {
            let count = items.len();
            format!("asks for {count} values by `Path`, and the path has {listed}")
        }),
        Shape::One => (names.len() != 1)
            .then(|| format!("asks for one value by `Path`, and the path has {listed}")),
        Shape::Many => None,
    }
}

/// What a handler's `Path` holds.
enum Shape<'a> {
    Struct(&'a Map<String, Value>),
    Tuple(&'a [Value]),
    One,
    /// A map or a list: as many as there are.
    Many,
}

fn shape(schema: &Value) -> Shape<'_> {
    if let Some(members) = schema.get("properties").and_then(Value::as_object) {
        Shape::Struct(members)
    } else if let Some(items) = schema.get("prefixItems").and_then(Value::as_array) {
        Shape::Tuple(items)
    } else if matches!(schema["type"].as_str(), Some("object" | "array")) {
        Shape::Many
    } else {
        Shape::One
    }
}

fn in_path(operation: &Operation, components: &mut Components) -> Vec<Value> {
    let schema = operation.path_parameters.map(|it| components.input(it));
    let names = names(&operation.path);
    let text = || json!({ "type": "string" });
    let schemas = names.iter().enumerate().map(|(at, name)| {
        let Some(schema) = &schema else {
            return text();
        };
        match shape(schema) {
            Shape::Struct(members) => members.get(*name).cloned().unwrap_or_else(text),
            Shape::Tuple(items) => items.get(at).cloned().unwrap_or_else(text),
            Shape::One => schema.clone(),
            Shape::Many => text(),
        }
    });
    names
        .iter()
        .zip(schemas)
        .map(|(name, schema)| parameter("path", name, true, schema))
        .collect()
}

/// The fields of a struct as parameters.
fn members(place: &str, schema: SchemaOf, components: &mut Components) -> Vec<Value> {
    let schema = components.input(schema);
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(name, member)| operators(name, member, components))
        .map(|(name, member)| {
            let required = required.contains(&name.as_str());
            let list = components.resolve(&member)["type"] == "array"
                || member["type"]
                    .as_array()
                    .is_some_and(|it| it.contains(&json!("array")));
            let mut parameter = parameter(place, &name, required, member);
            if list && place == "query" {
                parameter["style"] = json!("form");
                parameter["explode"] = json!(true);
            }
            parameter
        })
        .collect()
}

/// A field that is filtered by operators is a parameter for each of them.
fn operators(name: &str, member: &Value, components: &Components) -> Vec<(String, Value)> {
    let schema = components.resolve(member);
    let operators = schema.get("properties").and_then(Value::as_object);
    match operators.filter(|_| schema.get(filter::MARK).is_some()) {
        None => vec![(name.to_owned(), member.clone())],
        Some(operators) => operators
            .iter()
            .map(|(operator, schema)| (filter::name(name, operator), schema.clone()))
            .collect(),
    }
}

fn parameter(place: &str, name: &str, required: bool, mut schema: Value) -> Value {
    if !required {
        tidy::without_null(&mut schema);
    }
    let description = schema
        .as_object_mut()
        .and_then(|it| it.remove("description"));
    let mut parameter =
        json!({ "name": name, "in": place, "required": required, "schema": schema });
    if let Some(description) = description {
        parameter["description"] = description;
    }
    parameter
}
