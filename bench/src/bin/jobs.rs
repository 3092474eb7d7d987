//! The job queue against apalis, on the same stores with the same no-op jobs, and how it bears a long history.
//!
//! ```text
//! cargo run --release -p bench --bin jobs                    # every store, and the peer where it has the store
//! cargo run --release -p bench --bin jobs postgres redis     # some of them
//! ```
//!
//! Starts servers of its own that flush every commit to the disk. Each figure is measured in a process of its own; Atlas and
//! the peer take turns on the same server. `jobs <mode> <url> <jobs> <concurrency> [rate]` is such a process.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its results, and what takes long"
)]

#[path = "../bench/jobs/mod.rs"]
mod jobs;
#[path = "../bench/median.rs"]
mod median;

use anyhow::Result;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match jobs::Plan::of(&arguments)? {
        Some(plan) => jobs::atlas(&plan),
        None => jobs::compare(&arguments),
    }
}
