//! Proofs by real crashes.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a case that cannot go on ends with a panic"
)]

mod jobs;
