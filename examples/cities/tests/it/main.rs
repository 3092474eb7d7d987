//! The real service, its sample, and all cities of the world.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends with a panic"
)]

mod sample;
mod world;
