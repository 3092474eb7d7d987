//! `atlas generate` and `atlas destroy`: parts of a service, and the way back.

mod clock;
mod columns;
mod draft;
mod job;
mod migration;
mod module;
mod record;
mod renumber;
mod wiring;

pub(crate) use self::record::Record;
pub use self::{
    clock::Day,
    draft::{Difference, Drafted, ask as ask_for_draft, plan as plan_draft},
    job::{NewJob, destroy as destroy_job, plan as plan_job},
    migration::{NewMigration, destroy as destroy_migration, plan as plan_migration},
    module::{NewModule, destroy as destroy_module, plan as plan_module},
    renumber::{out_of_order, plan as plan_order},
};
