//! Templates: the real files of `examples/shop`, with other names put in.
//!
//! They compile and are tested where they live, so they cannot rot; a shop that is generated anew equals them.

mod file;
mod rename;

pub(crate) use self::file::{File, SHOP, WORKSPACE};
pub use self::rename::Rename;
