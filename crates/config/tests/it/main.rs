//! Configuration as an app meets it: files, variables and a command line in, typed sections or a report out.

#![allow(clippy::panic, reason = "a helper of a test may fail it")]

mod app;
mod merging;
mod precedence;
mod production;
mod random;
mod reference;
mod reports;
mod secrets;
mod shown;
mod support;
mod values;
mod variables;
