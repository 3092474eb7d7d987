//! `atlas new`: a service that runs, made from `examples/shop`.

mod folder;
mod git;
mod lock;
mod manifest;
mod options;
mod service;
mod source;

pub(crate) use self::service::files;
pub use self::{
    git::initialise, lock::settle, options::NewService, service::plan, source::AtlasSource,
};
