//! What the kernel promises, tested from outside.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers are tests too"
)]

mod compile_errors;
mod events;
mod golden;
mod graph;
mod injection;
mod journal;
mod lifecycle;
mod messages;
mod nouns;
mod process;
