//! Changes to a folder: planned, shown, decided, then made all or not at all.

mod apply;
mod plan;
mod report;

pub use self::{
    plan::{Action, Answer, Change, Plan, Snippet},
    report::{ChangeReport, Report},
};
