//! Conditional requests (RFC 9110, section 13): versions of what an address shows.
//!
//! An answer says which version it shows by [`Tagged`], as a strong `ETag`. A client that has it already
//! (`If-None-Match`) is told so by 304, without any doing of the handler. A client that changes it says which version it
//! has seen (`If-Match`): the handler takes [`IfMatch`], or [`MustMatch`] where nobody may change what he has not seen.
//!
//! ```
//! use atlas_http::{IfMatch, Json, NoContent, Path, Result, Routes, State, Tagged, get};
//! # use schemars::JsonSchema;
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Deserialize, JsonSchema, garde::Validate)]
//! # #[serde(deny_unknown_fields)]
//! # #[garde(allow_unvalidated)]
//! # struct TeaChange { name: String }
//! # #[derive(Serialize, JsonSchema)]
//! # struct TeaView { id: u64, name: String, version: i64 }
//! # #[derive(Clone)]
//! # struct Teas;
//! # impl Teas {
//! #     async fn find(&self, id: u64) -> atlas_core::Result<TeaView> { Ok(TeaView { id, name: "green".into(), version: 1 }) }
//! #     async fn change(&self, id: u64, change: TeaChange, _: Option<i64>) -> atlas_core::Result<TeaView> {
//! #         Ok(TeaView { id, name: change.name, version: 2 })
//! #     }
//! #     async fn remove(&self, _: u64, _: Option<i64>) -> atlas_core::Result<()> { Ok(()) }
//! # }
//!
//! async fn show(State(teas): State<Teas>, Path(id): Path<u64>) -> Result<Tagged<Json<TeaView>>> {
//!     let tea = teas.find(id).await?;
//!     Ok(Tagged::new(tea.version, Json(tea)))
//! }
//!
//! async fn change(
//!     State(teas): State<Teas>,
//!     Path(id): Path<u64>,
//!     seen: IfMatch,
//!     Json(change): Json<TeaChange>,
//! ) -> Result<Tagged<Json<TeaView>>> {
//!     // the version goes down to the statement that writes; 412 when the row has another one by then
//!     let tea = teas.change(id, change, seen.version()?).await?;
//!     Ok(Tagged::new(tea.version, Json(tea)))
//! }
//!
//! async fn remove(State(teas): State<Teas>, Path(id): Path<u64>, seen: IfMatch) -> Result<NoContent> {
//!     teas.remove(id, seen.version()?).await?;
//!     Ok(NoContent)
//! }
//! let routes: Routes = Routes::new("/teas").route("/{id}", get(show).put(change).delete(remove)).with_state(Teas);
//! assert!(routes.into_router().is_ok());
//! ```

mod if_match;
mod known;
mod tagged;
mod tags;

pub(crate) use self::{if_match::is_conditional, known::Known};
pub use self::{
    if_match::{IfMatch, MustMatch},
    tagged::Tagged,
};
