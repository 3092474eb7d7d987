//! One operation of the API: what its handler's signature says, and what was said beside it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::Site;

/// Generates a schema when the document is made.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One method of one path, and everything that is known about it.
///
/// It is filled from the handler's signature by [`Argument::plan`](super::Argument::plan) and
/// [`Reply::describe`](super::Reply::describe), and read by the OpenAPI document and the `routes` command.
#[derive(Clone, Debug)]
pub struct Operation {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) handler: &'static str,
    pub(crate) tag: Option<Cow<'static, str>>,
    pub(crate) id: Option<Cow<'static, str>>,
    pub(crate) summary: Option<Cow<'static, str>>,
    pub(crate) description: Option<Cow<'static, str>>,
    pub(crate) deprecated: bool,
    pub(crate) hidden: bool,
    pub(crate) path_parameters: Option<SchemaOf>,
    pub(crate) query: Vec<SchemaOf>,
    pub(crate) query_values: Vec<(&'static str, Value)>,
    pub(crate) paging: Option<Value>,
    pub(crate) headers: Vec<HeaderPart>,
    pub(crate) header_structs: Vec<SchemaOf>,
    pub(crate) bodies: Vec<BodyPart>,
    pub(crate) replies: Vec<ReplyPart>,
    pub(crate) problems: BTreeSet<u16>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_body: Option<u64>,
    pub(crate) body_timeout: Option<Duration>,
    pub(crate) site: Arc<Site>,
}

#[derive(Clone, Debug)]
pub(crate) struct HeaderPart {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) schema: SchemaOf,
}

#[derive(Clone, Debug)]
pub(crate) struct BodyPart {
    pub(crate) media: &'static str,
    pub(crate) name: Cow<'static, str>,
    pub(crate) schema: SchemaOf,
}

#[derive(Clone, Debug)]
pub(crate) struct ReplyPart {
    pub(crate) status: u16,
    pub(crate) description: &'static str,
    pub(crate) content: Option<BodyPart>,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

impl Operation {
    pub(super) fn new(method: Method, handler: &'static str) -> Self {
        Self {
            method,
            path: String::new(),
            handler,
            tag: None,
            id: None,
            summary: None,
            description: None,
            deprecated: false,
            hidden: false,
            path_parameters: None,
            query: Vec::new(),
            query_values: Vec::new(),
            paging: None,
            headers: Vec::new(),
            header_structs: Vec::new(),
            bodies: Vec::new(),
            replies: Vec::new(),
            problems: BTreeSet::new(),
            timeout: None,
            max_body: None,
            body_timeout: None,
            site: Arc::default(),
        }
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The template of the whole path, such as `/products/{id}`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The handler's name with its modules, such as `shop::catalog::routes::show`.
    pub fn handler(&self) -> &'static str {
        self.handler
    }

    /// The tag of the group that the operation belongs to.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The name of the type that the body holds, with its media type.
    pub fn request(&self) -> Option<(&str, &'static str)> {
        self.bodies.first().map(|body| (&*body.name, body.media))
    }

    /// The successful answers: status, and name of the type that the body holds.
    pub fn responses(&self) -> impl Iterator<Item = (u16, Option<&str>)> {
        self.replies
            .iter()
            .map(|it| (it.status, it.content.as_ref().map(|body| &*body.name)))
    }

    /// How long the handler may take, if not as long as the configuration says.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// The most bytes of the body, if not as many as the configuration says.
    pub fn max_body(&self) -> Option<u64> {
        self.max_body
    }

    /// How long the body may take to arrive, if not as long as the configuration says.
    pub fn body_timeout(&self) -> Option<Duration> {
        self.body_timeout
    }

    /// Whether the operation is left out of the document.
    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// Declares the parameters of the path: a struct by names, a tuple by order, or one value.
    pub fn path_parameters<T: JsonSchema>(&mut self) {
        self.path_parameters = Some(T::json_schema);
    }

    /// Declares parameters of the query string: the fields of a struct.
    pub fn query<T: JsonSchema>(&mut self) {
        self.query.push(T::json_schema);
    }

    /// Declares one optional parameter of the query string by its schema.
    pub(crate) fn query_value(&mut self, name: &'static str, schema: Value) {
        self.query_values.push((name, schema));
    }

    /// Declares how a client gets from page to page.
    pub(crate) fn paging(&mut self, how: Value) {
        self.paging = Some(how);
    }

    /// Declares headers that are read: the fields of a struct.
    pub fn headers<T: JsonSchema>(&mut self) {
        self.header_structs.push(T::json_schema);
    }

    /// Declares a header that is read.
    pub fn header<T: JsonSchema>(&mut self, name: &'static str, required: bool) {
        let schema: SchemaOf = |generator| generator.subschema_for::<T>();
        self.headers.push(HeaderPart {
            name,
            required,
            schema,
        });
    }

    /// Declares the body.
    pub fn body<T: JsonSchema>(&mut self, media: &'static str) {
        self.bodies.push(content::<T>(media));
    }

    /// Declares a successful answer with a body.
    pub fn replies<T: JsonSchema>(
        &mut self,
        status: u16,
        media: &'static str,
        description: &'static str,
    ) {
        self.replies.push(ReplyPart {
            status,
            description,
            content: Some(content::<T>(media)),
            headers: Vec::new(),
        });
    }

    /// Declares a successful answer without a body.
    pub fn replies_empty(&mut self, status: u16, description: &'static str) {
        self.replies.push(ReplyPart {
            status,
            description,
            content: None,
            headers: Vec::new(),
        });
    }

    /// Declares a header of the answer that was declared last.
    pub fn reply_header(&mut self, name: &'static str, description: &'static str) {
        if let Some(reply) = self.replies.last_mut() {
            reply.headers.push((name, description));
        }
    }

    /// Declares a status under which the operation answers with a problem; `default` covers all others.
    pub fn problem(&mut self, status: u16) {
        self.problems.insert(status);
    }
}

fn content<T: JsonSchema>(media: &'static str) -> BodyPart {
    BodyPart {
        media,
        name: T::schema_name(),
        schema: |generator| generator.subschema_for::<T>(),
    }
}
