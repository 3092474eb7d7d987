//! Redis for services against real servers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on ends with a panic"
)]

mod app;
mod cluster;
mod commands;
mod faults;
mod messages;
mod support;
