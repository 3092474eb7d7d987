//! Lists with cursors.

use axum::http::Uri;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::link::Links;
use super::order::{self, Order, SortKey};
use super::request::{self, ListPlan};
use super::{CursorKey, Page};
use crate::extract::Input;
use crate::problem::Result;
use crate::routes::{Argument, Incoming, Operation};

/// What a client asks of a list: order, filter, how many, and from where on. An argument of a handler that answers with
/// a [`Page`].
#[derive(Debug)]
pub struct List<K, F = NoFilter> {
    /// The filter.
    pub filter: F,
    order: Vec<Order<K>>,
    limit: u32,
    after: Option<Vec<Value>>,
    /// The page is one before a position: it is read against the order, and turned round.
    backward: bool,
    binding: String,
    uri: Uri,
    key: CursorKey,
}

/// No filter: every parameter beside the list's own is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

impl<K: SortKey, F> List<K, F> {
    /// The order to read in: never empty, and its last key is unique. For a page before another one it is the reverse of
    /// what the client asked for.
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

    /// The position behind which to read: the values of the keys of [`order`](Self::order), one each. Rows at this position
    /// and before it, in that order, are not on this page. `None` on the first page.
    pub fn after(&self) -> Option<&[Value]> {
        self.after.as_deref()
    }

    /// The page: `rows` are what was read, in order and at most [`fetch`](Self::fetch) of them; `position` tells the
    /// value of a key in a row, and `view` makes an item of it.
    pub fn page<R, T>(
        self,
        mut rows: Vec<R>,
        position: impl Fn(&R, K) -> Value,
        view: impl FnMut(R) -> T,
    ) -> Page<T> {
        let limit = self.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        if self.backward {
            rows.reverse();
        }
        let place =
            |row: &R| -> Vec<Value> { self.order.iter().map(|it| position(row, it.key)).collect() };
        // who came from a page knows that it is there
        let (has_next, has_previous) = match self.backward {
            true => (true, more),
            false => (more, self.after.is_some()),
        };
        let next = rows.last().filter(|_| has_next).map(place);
        let cursor = next.map(|it| self.key.seal(&self.binding, &it));
        let previous = rows.first().filter(|_| has_previous).map(place);
        let previous = previous.map(|it| self.key.seal(&backward(&self.binding), &it));
        let mut links = Links::new(&self.uri);
        if let Some(cursor) = &cursor {
            links.add("next", "cursor", Some(cursor));
        }
        if let Some(cursor) = &previous {
            links.add("prev", "cursor", Some(cursor));
        }
        links.add("first", "cursor", None);
        Page::new(rows.into_iter().map(view).collect(), cursor).with_links(links.finish())
    }
}

impl<S: Sync, K: SortKey, F: Input> Argument<S> for List<K, F> {
    type Plan = ListPlan<K, F>;

    fn plan(operation: &mut Operation) -> Self::Plan {
        operation.query::<F>();
        operation.query_value("limit", request::limit_schema::<K>());
        operation.query_value("sort", order::schema::<K>());
        operation.paging(json!({
            "type": "cursor",
            "cursor": { "in": "query", "name": "cursor" },
            "limit": { "in": "query", "name": "limit" },
            "items": "/items",
            "next": "/next_cursor"
        }));
        operation.problem(400);
        operation.problem(422);
        ListPlan::new()
    }

    async fn take(plan: &Self::Plan, request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        let uri = &request.parts.uri;
        let asked = plan.read(uri, "cursor")?;
        let key = request.site().cursors();
        let binding = format!("{}\n{}", request.site().route(), asked.binding);
        let (mut after, mut is_backward) = (None, false);
        if let Some(cursor) = &asked.place {
            let position = key.open(&binding, cursor).or_else(|| {
                is_backward = true;
                key.open(&backward(&binding), cursor)
            });
            // the keys of an order may change with a release of the service
            let fits = position.filter(|it| it.len() == asked.order.len());
            after = Some(fits.ok_or_else(request::bad_cursor)?);
        }
        let mut order = asked.order;
        if is_backward {
            for key in &mut order {
                key.descending = !key.descending;
            }
        }
        Ok(Self {
            filter: asked.filter,
            order,
            backward: is_backward,
            limit: asked.limit,
            after,
            binding,
            uri: uri.clone(),
            key,
        })
    }
}

/// What a cursor to a page before is sealed with, so that it cannot be taken for one to the page behind.
fn backward(binding: &str) -> String {
    format!("{binding}\nbackward")
}
