//! The `atlas` binary as people run it: real processes, real sockets, real terminals.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "in tests a panic is the way to fail, and what is printed is shown only then"
)]

mod cli;
mod dev;
mod docs;
mod doctor;
mod examples;
mod golden;
mod offline;
mod scaffold;
mod service;
mod support;
