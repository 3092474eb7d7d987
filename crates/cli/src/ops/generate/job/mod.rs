//! `atlas generate job`: a job like the shop's receipts, with other fields.
//!
//! It stands in the file `jobs.rs` of its feature, which may hold several and what people write beside them: a job is put
//! behind what is there, and taken out of it by parsed spans. The first one brings what jobs need: the feature of the
//! facade, the module, the section of the configuration.

mod destroy;
mod file;
mod host;
mod new;
mod plan;

pub use self::{destroy::destroy, new::NewJob, plan::plan};
