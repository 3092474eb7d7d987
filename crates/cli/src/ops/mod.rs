//! What the commands do, as functions without arguments parsing.

pub mod cargo;
pub mod change;
pub mod demo;
pub mod dev;
pub mod diff;
pub mod doctor;
pub mod edit;
pub mod explain;
pub mod fields;
pub mod format;
pub mod generate;
pub mod names;
pub mod new;
pub(crate) mod process;
pub mod service;
pub mod template;
pub mod test;
