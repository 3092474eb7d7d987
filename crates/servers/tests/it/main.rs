//! The servers that tests need.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod ladder;
mod machine;
mod redis;
mod server;
mod starts;
