//! `atlas new`: a service that runs, made from `examples/shop`.

mod database;
mod folder;
mod git;
mod lock;
mod manifest;
mod options;
mod part;
mod service;
mod source;

pub use self::{
    database::Database, git::initialise, lock::settle, options::NewService, part::Part,
    service::plan, source::AtlasSource,
};
pub(crate) use self::{
    part::{schema_of_jobs, section_of_jobs, without_schema, without_section},
    service::files,
};
