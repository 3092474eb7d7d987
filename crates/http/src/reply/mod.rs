//! Answers beside [`Json`](crate::Json): created, accepted, nothing, text.

mod created;
mod empty;
mod plain;

pub use self::{
    created::{Accepted, Created},
    empty::NoContent,
};
