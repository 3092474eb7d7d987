//! What an entity has: `name:string total:decimal note:text? email:string:unique`.

mod field;
mod key;
mod kind;
mod list;

pub use self::{field::Field, key::Key, kind::FieldKind, list::Fields};
