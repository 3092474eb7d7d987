//! Proofs by real crashes.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a case that cannot go on ends with a panic"
)]
#![allow(
    clippy::print_stdout,
    reason = "what a case measures is for whoever reads its output"
)]

mod jobs;
