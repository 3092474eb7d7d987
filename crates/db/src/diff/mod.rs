//! Model diff: what the entities say against what the migrations make.
//!
//! Both sides are made real before they are compared: the migrations are applied to one scratch database, the tables of the
//! entities are created in another one on the same engine, and the same queries read both. So no type has to be guessed:
//! what the engine calls equal is equal.

mod change;
mod compare;
mod diagnostics;
mod draft;
mod entity;
mod inspect;
mod kind;
mod models;
mod scratch;
mod shape;
mod source;

pub use self::{
    change::Difference,
    draft::Draft,
    entity::{EntityTable, entity},
    models::{ModelDiff, Models},
};
