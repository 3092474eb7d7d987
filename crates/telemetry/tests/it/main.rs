//! Telemetry as users of it see it: the lines of a real process, the text that Prometheus reads, the names.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod alerts;
mod golden;
mod log;
mod metrics;
mod module;
mod names;
