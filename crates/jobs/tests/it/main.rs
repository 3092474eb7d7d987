//! Tests of the job queue.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends with a panic"
)]

mod client;
mod config;
mod conformance;
mod flaws;
mod handlers;
mod memory;
mod module;
mod redis;
mod schedule;
mod sql;
mod worker;
