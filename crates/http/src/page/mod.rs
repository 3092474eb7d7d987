//! Lists in pages: cursors or page numbers, order and filters by allow-list, `Link` headers (RFC 8288).
//!
//! ```
//! use atlas_http::page::{List, Order, SortKey};
//! use atlas_http::{Page, Result, Routes, get};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! /// What the list can be ordered by; a name that is not here is refused.
//! #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
//! #[serde(rename_all = "snake_case")]
//! enum ProductSort { Name, Id }
//!
//! impl SortKey for ProductSort {
//!     const UNIQUE: Self = Self::Id; // ends every order, so that no two rows are equal
//! }
//!
//! /// What the list can be filtered by; a parameter that is not here is refused.
//! #[derive(Deserialize, JsonSchema, garde::Validate)]
//! #[serde(deny_unknown_fields)]
//! struct ProductFilter {
//!     #[garde(length(chars, max = 40))]
//!     category: Option<String>,
//! }
//! # #[derive(Clone)] struct Row { id: u64, name: String, category: String }
//! # fn select(_: Option<&str>, _: &[Order<ProductSort>], _: Option<&[serde_json::Value]>, _: u64) -> Vec<Row> { Vec::new() }
//!
//! async fn list(list: List<ProductSort, ProductFilter>) -> Result<Page<String>> {
//!     // one row more than the page holds tells whether there is a next page
//!     let rows = select(list.filter.category.as_deref(), list.order(), list.after(), list.fetch());
//!     Ok(list.page(
//!         rows,
//!         |row, key| match key {
//!             ProductSort::Name => row.name.as_str().into(),
//!             ProductSort::Id => row.id.into(),
//!         },
//!         |row| row.name,
//!     ))
//! }
//! let routes: Routes = Routes::new("/products").route("/", get(list));
//! ```
//!
//! `GET /products?sort=-name&limit=20&category=tea` answers
//! `{"items": […], "next_cursor": "…"}` and `Link: <…>; rel="next"`, with `prev` behind the first page. The cursor is opaque, holds where the page ended,
//! and is sealed together with route, order and filter: with another list, or altered, it is refused with 400.
//!
//! [`List`] is right for almost all: pages stay right while rows come and go, and the last page is as quick as the
//! first. [`NumberedList`] counts pages, for people who jump to page 7 of something small.

mod cursor;
pub(crate) mod filter;
mod link;
mod list;
mod numbered;
mod order;
mod request;
mod result;

pub use self::{
    cursor::CursorKey,
    filter::{Equal, Range, Text},
    list::{List, NoFilter},
    numbered::{NumberedList, NumberedPage},
    order::{Order, SortKey},
    request::ListPlan,
    result::Page,
};
