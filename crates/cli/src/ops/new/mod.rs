//! `atlas new`: a service that runs, made from `examples/shop`.

mod database;
mod folder;
mod git;
mod lock;
mod manifest;
mod options;
mod service;
mod source;

pub(crate) use self::service::files;
pub use self::{
    database::Database, git::initialise, lock::settle, options::NewService, service::plan,
    source::AtlasSource,
};
