//! `atlas new`, `atlas generate` and `atlas destroy` on the real templates.

mod cargo_accepts;
pub(crate) mod demo;
mod destroy;
mod jobs;
mod moved;
mod new;
mod place;
mod questions;
