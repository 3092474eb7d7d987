//! Lists with numbered pages.

use std::borrow::Cow;

use axum::http::{HeaderValue, Uri};
use axum::response::Response;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::json;

use super::NoFilter;
use super::link::{self, Links};
use super::order::{self, Order, SortKey};
use super::request::{self, ListPlan};
use crate::extract::{Input, Output, query};
use crate::problem::Result;
use crate::routes::{Argument, Incoming, Operation, Reply};

/// What a client asks of a list whose pages are numbered: `?page=2&limit=20`. An argument of a handler that answers with
/// a [`NumberedPage`].
///
/// Rows that come or go between two requests shift all pages after them, and far pages are slow to read; prefer
/// [`List`](super::List).
#[derive(Debug)]
pub struct NumberedList<K, F = NoFilter> {
    /// The filter.
    pub filter: F,
    order: Vec<Order<K>>,
    limit: u32,
    page: u32,
    uri: Uri,
}

impl<K: SortKey, F> NumberedList<K, F> {
    /// The order: never empty, and its last key is unique.
    pub fn order(&self) -> &[Order<K>] {
        &self.order
    }

    /// How many items the page holds at most.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// How many rows to read: one more than the page holds, to know whether there is a next page.
    pub fn fetch(&self) -> u64 {
        u64::from(self.limit) + 1
    }

    /// How many rows come before the page.
    pub fn offset(&self) -> u64 {
        u64::from(self.page - 1) * u64::from(self.limit)
    }

    /// The page: `rows` are what was read, at most [`fetch`](Self::fetch) of them, `total` how many rows the whole list
    /// has, if that was counted.
    pub fn page<R, T>(
        self,
        mut rows: Vec<R>,
        total: Option<u64>,
        view: impl FnMut(R) -> T,
    ) -> NumberedPage<T> {
        let limit = self.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let mut links = Links::new(&self.uri);
        let mut add = |relation, page: u64| links.add(relation, "page", Some(&page.to_string()));
        let page = u64::from(self.page);
        if more {
            add("next", page + 1);
        }
        if page > 1 {
            add("prev", page - 1);
        }
        add("first", 1);
        if let Some(total) = total {
            add("last", total.div_ceil(u64::from(self.limit)).max(1));
        }
        NumberedPage {
            items: rows.into_iter().map(view).collect(),
            page: self.page,
            limit: self.limit,
            total,
            links: links.finish(),
        }
    }
}

impl<S: Sync, K: SortKey, F: Input> Argument<S> for NumberedList<K, F> {
    type Plan = ListPlan<K, F>;

    fn plan(operation: &mut Operation) -> Self::Plan {
        operation.query::<F>();
        operation.query_value("limit", request::limit_schema::<K>());
        operation.query_value(
            "page",
            json!({ "type": "integer", "minimum": 1, "default": 1 }),
        );
        operation.query_value("sort", order::schema::<K>());
        operation.paging(json!({
            "type": "page",
            "page": { "in": "query", "name": "page" },
            "limit": { "in": "query", "name": "limit" },
            "items": "/items"
        }));
        operation.problem(400);
        operation.problem(422);
        ListPlan::new()
    }

    async fn take(plan: &Self::Plan, request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        let uri = &request.parts.uri;
        let asked = plan.read(uri, "page")?;
        let mut faults = Vec::new();
        let page = match asked.place.as_deref() {
            None => Some(1),
            Some(text) => request::count(text, "page", &mut faults),
        };
        let Some(page) = page else {
            return Err(query::refuse(faults));
        };
        Ok(Self {
            filter: asked.filter,
            order: asked.order,
            limit: asked.limit,
            page,
            uri: uri.clone(),
        })
    }
}

/// One page of a list whose pages are numbered: `{"items": […], "page": 2, "limit": 20, "total": 57}`, with `Link`.
#[derive(Clone, Debug, Serialize)]
pub struct NumberedPage<T> {
    items: Vec<T>,
    page: u32,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    #[serde(skip)]
    links: Option<HeaderValue>,
}

impl<T> NumberedPage<T> {
    /// The items.
    pub fn items(&self) -> &[T] {
        &self.items
    }
}

impl<T: JsonSchema> JsonSchema for NumberedPage<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}NumberedPage", T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("{}::NumberedPage<{}>", module_path!(), T::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "One page of a list.",
            "properties": {
                "items": { "type": "array", "items": generator.subschema_for::<T>() },
                "page": { "type": "integer", "minimum": 1, "description": "The number of this page, from 1." },
                "limit": { "type": "integer", "minimum": 1, "description": "How many items a page holds." },
                "total": { "type": "integer", "minimum": 0, "description": "How many items the whole list has, when counted." }
            },
            "required": ["items", "page", "limit"]
        })
    }
}

impl<T: Output> Reply for NumberedPage<T> {
    const MEDIA: Option<&'static str> = Some("application/json");

    fn describe(operation: &mut Operation) {
        operation.replies::<Self>(200, "application/json", "One page of the list.");
        operation.reply_header(
            "Link",
            "The pages next to this one, the first and the last (RFC 8288).",
        );
    }

    fn respond(mut self) -> Response {
        let links = self.links.take();
        link::respond(&self, links)
    }
}
