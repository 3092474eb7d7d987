//! What the HTTP crate promises, tested from outside: over real sockets and with real processes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers are tests too"
)]

mod api;
mod server;
