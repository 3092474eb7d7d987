//! The binary of a service, driven as a real process.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod commands;
mod configuration;
mod database;
mod databases;
mod golden;
mod help;
mod http;
mod jobs;
mod migrate;
mod page;
mod schedule;
mod serving;
mod support;
