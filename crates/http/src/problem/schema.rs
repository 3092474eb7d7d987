//! What a problem looks like, for the OpenAPI document.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Fault, Problem};

impl JsonSchema for Problem {
    fn schema_name() -> Cow<'static, str> {
        "Problem".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Problem").into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let faults = generator.subschema_for::<Vec<Fault>>();
        json_schema!({
            "type": "object",
            "description": "What went wrong (RFC 9457).",
            "properties": {
                "type": { "type": "string", "format": "uri-reference", "description": "The page about this kind of problem." },
                "title": { "type": "string", "description": "A short title, the same for every problem of this code." },
                "status": { "type": "integer", "minimum": 400, "maximum": 599, "description": "The status of the response." },
                "detail": { "type": "string", "description": "What happened to this request." },
                "instance": { "type": "string", "format": "uri-reference", "description": "Names this very failure." },
                "code": { "type": "string", "description": "What went wrong, for programs; it never changes." },
                "request_id": { "type": "string", "description": "Quote this when you ask for help." },
                "trace_id": { "type": "string", "description": "The trace of the request." },
                "errors": faults
            },
            "required": ["type", "title", "status", "code"]
        })
    }
}

impl JsonSchema for Fault {
    fn schema_name() -> Cow<'static, str> {
        "Fault".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Fault").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "One thing that is wrong with the request: `pointer` when it is in the body, else `parameter` and `in`.",
            "properties": {
                "pointer": { "type": "string", "format": "json-pointer", "description": "Where in the body (RFC 6901)." },
                "parameter": { "type": "string", "description": "The name of the parameter or header." },
                "in": { "type": "string", "enum": ["query", "path", "header"], "description": "Where that parameter is." },
                "code": { "type": "string", "description": "What is wrong, for programs." },
                "message": { "type": "string", "description": "What is wrong, for people." }
            },
            "required": ["code", "message"]
        })
    }
}
