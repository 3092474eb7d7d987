//! One page of a list with cursors.

use std::borrow::Cow;

use axum::http::HeaderValue;
use axum::response::Response;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::link;
use crate::extract::Output;
use crate::routes::{Operation, Reply};

/// One page of a list: `{"items": […], "next_cursor": "…"}`, with `Link`. Made by [`List::page`](super::List::page).
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
    #[serde(skip)]
    links: Option<HeaderValue>,
}

impl<T> Page<T> {
    /// A page of these items; `next_cursor` leads to the next page, if there is one.
    pub fn new(items: Vec<T>, next_cursor: Option<String>) -> Self {
        Self {
            items,
            next_cursor,
            links: None,
        }
    }

    /// The items.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// What leads to the next page.
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    pub(super) fn with_links(mut self, links: Option<HeaderValue>) -> Self {
        self.links = links;
        self
    }
}

impl<T: JsonSchema> JsonSchema for Page<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Page", T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("{}::Page<{}>", module_path!(), T::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "One page of a list.",
            "properties": {
                "items": { "type": "array", "items": generator.subschema_for::<T>() },
                "next_cursor": {
                    "type": ["string", "null"],
                    "description": "Send this as `cursor`, with the same order and filter, for the next page; `null` on the last one."
                }
            },
            "required": ["items", "next_cursor"]
        })
    }
}

impl<T: Output> Reply for Page<T> {
    const MEDIA: Option<&'static str> = Some("application/json");

    fn describe(operation: &mut Operation) {
        operation.replies::<Self>(200, "application/json", "One page of the list.");
        operation.reply_header(
            "Link",
            "The next, the previous and the first page (RFC 8288).",
        );
    }

    fn respond(mut self) -> Response {
        let links = self.links.take();
        link::respond(&self, links)
    }
}
