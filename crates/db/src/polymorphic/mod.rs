//! Polymorphic relations: rows that belong to a row of one of several entities.
//!
//! A comment is about a product or about an order. Its table has a column for the kind and one for the key, and no foreign
//! key, because no engine has one that points to several tables. [`Polymorphic`] says which columns these are, [`Subject`]
//! what each kind is called, and [`LoadPolymorphic`] loads the other side for all rows at once, in either direction.
//!
//! What belongs to one kind only wants a relation of SeaORM's and a foreign key.

mod entity;
mod key;
mod load;

pub use self::{
    entity::{Polymorphic, Subject},
    load::LoadPolymorphic,
};
