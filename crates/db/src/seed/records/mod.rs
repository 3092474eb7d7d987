//! Seeds in files: records that refer to each other by their labels.

mod document;
mod fault;
mod file;
mod fixtures;
mod json;
mod node;
mod plan;
mod plant;
mod target;
mod toml;
mod value;
#[cfg(feature = "yaml")]
pub(super) mod yaml;

pub(crate) use self::fault::Fault;
pub(super) use self::plant::Library;
pub use self::{file::SeedFile, fixtures::Fixtures};
