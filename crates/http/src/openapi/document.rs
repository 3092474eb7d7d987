//! The document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::components::Components;
use super::{names, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::routes::{ApiInfo, BodyPart, Operation, ReplyPart};

/// The document that describes these operations.
pub(crate) fn document(info: &ApiInfo, operations: &[Operation]) -> Value {
    let shown: Vec<&Operation> = operations.iter().filter(|it| !it.hidden).collect();
    let ids = names::ids(&shown);
    let mut components = Components::new();
    let mut paths = Map::new();
    let mut statuses = BTreeSet::new();
    for (operation, id) in shown.iter().zip(ids) {
        statuses.extend(operation.problems.iter().copied());
        let item = describe(operation, id, &mut components);
        let path = parameters::openapi_path(&operation.path);
        let methods = paths.entry(path).or_insert_with(|| json!({}));
        methods[operation.method.as_str().to_lowercase()] = item;
    }
    let problem = components.output(|generator| generator.subschema_for::<Problem>());
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": info.title, "version": info.version },
        "paths": paths,
        "components": { "responses": responses(&statuses, &problem) },
    });
    if let Some(text) = &info.description {
        document["info"]["description"] = json!(text);
    }
    let tags: BTreeSet<&str> = shown.iter().filter_map(|it| it.tag.as_deref()).collect();
    if !tags.is_empty() {
        document["tags"] = tags.iter().map(|name| json!({ "name": name })).collect();
    }
    components.finish(document)
}

/// The document as text: sorted by name, two spaces of indentation, a newline at the end; the same on every machine.
pub(crate) fn to_text(document: &Value) -> String {
    format!("{:#}\n", sorted(document))
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let members: BTreeMap<&String, Value> =
                map.iter().map(|(name, it)| (name, sorted(it))).collect();
            members
                .into_iter()
                .map(|(name, it)| (name.clone(), it))
                .collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// One operation.
fn describe(operation: &Operation, id: String, components: &mut Components) -> Value {
    let mut item = json!({
        "operationId": id,
        "summary": names::summary(operation),
        "responses": replies(operation, components),
    });
    let parameters = parameters::of(operation, components);
    if !parameters.is_empty() {
        item["parameters"] = Value::Array(parameters);
    }
    if let Some(text) = description(operation) {
        item["description"] = json!(text);
    }
    if let Some(tag) = &operation.tag {
        item["tags"] = json!([tag]);
    }
    if operation.deprecated {
        item["deprecated"] = json!(true);
    }
    if let Some(paging) = &operation.paging {
        item["x-pagination"] = paging.clone();
    }
    if !operation.bodies.is_empty() {
        let content: Map<String, Value> = operation
            .bodies
            .iter()
            .map(|body| (body.media.to_owned(), request(body, components)))
            .collect();
        item["requestBody"] = json!({ "required": true, "content": content });
    }
    item
}

/// What was said about the operation, and how its pages are turned.
fn description(operation: &Operation) -> Option<String> {
    let turning = operation
        .paging
        .as_ref()
        .filter(|it| it["type"] == "cursor")
        .map(|_| {
            "For the next page follow the `Link` with `rel=\"next\"`, or send the same query with `next_cursor` as the \
             parameter `cursor`."
        });
    match (&operation.description, turning) {
        (Some(said), Some(turning)) => Some(format!("{said}\n\n{turning}")),
        (Some(said), None) => Some(said.to_string()),
        (None, turning) => turning.map(str::to_owned),
    }
}

fn request(body: &BodyPart, components: &mut Components) -> Value {
    if body.media == "application/octet-stream" {
        return json!({});
    }
    json!({ "schema": components.input(body.schema) })
}

/// The answers: the successful ones, the problems that are declared, and any other problem.
fn replies(operation: &Operation, components: &mut Components) -> Value {
    let mut replies = Map::new();
    for part in &operation.replies {
        replies.insert(part.status.to_string(), reply(part, components));
    }
    for status in &operation.problems {
        let name = response_name(*status);
        replies.insert(
            status.to_string(),
            json!({ "$ref": format!("#/components/responses/{name}") }),
        );
    }
    replies.insert(
        "default".to_owned(),
        json!({ "$ref": "#/components/responses/Problem" }),
    );
    Value::Object(replies)
}

fn reply(part: &ReplyPart, components: &mut Components) -> Value {
    let mut reply = json!({ "description": part.description });
    if let Some(content) = &part.content {
        let schema = components.output(content.schema);
        reply["content"] = json!({ content.media: { "schema": schema } });
    }
    for (name, description) in &part.headers {
        reply["headers"][name] =
            json!({ "description": description, "schema": { "type": "string" } });
    }
    reply
}

/// The problems as shared responses.
fn responses(statuses: &BTreeSet<u16>, problem: &Value) -> Value {
    let response = |description: &str| {
        json!({
            "description": description,
            "content": { "application/problem+json": { "schema": problem } },
        })
    };
    let mut responses = Map::new();
    for status in statuses {
        let meaning = kind(*status).map_or("The request failed.", |it| it.meaning);
        responses.insert(response_name(*status), response(meaning));
    }
    let any = "Any other failure; `status` and `code` say which.";
    responses.insert("Problem".to_owned(), response(any));
    Value::Object(responses)
}

fn kind(status: u16) -> Option<&'static ProblemKind> {
    crate::problem::kinds()
        .iter()
        .find(|it| it.status == status)
}

/// The name of the shared response for a status: `NotFound`.
fn response_name(status: u16) -> String {
    match kind(status) {
        Some(kind) => names::pascal(kind.slug),
        None => format!("Status{status}"),
    }
}
