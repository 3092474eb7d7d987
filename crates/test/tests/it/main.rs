//! The test kit, tested with a service that has everything.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod attribute;
mod commits;
mod database;
mod factories;
mod failure;
mod inline;
mod isolation;
mod jobs;
mod modes;
mod notes;
mod outages;
mod overrides;
mod processes;
mod queries;
