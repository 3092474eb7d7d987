//! The driver: starts servers, loads them, and writes down what they cost. See `bench/README.md`.
#![allow(clippy::print_stdout, reason = "a benchmark prints its results")]

#[path = "../bench/build.rs"]
mod build;
#[path = "../bench/compare.rs"]
mod compare;
#[path = "../bench/figures.rs"]
mod figures;
#[path = "../bench/load.rs"]
mod load;
#[path = "../bench/median.rs"]
mod median;
#[path = "../bench/process.rs"]
mod process;
#[path = "../bench/startup.rs"]
mod startup;

use std::process::Command;

use anyhow::{Result, bail, ensure};

const USAGE: &str = "usage: cargo xtask bench [hello|product|startup|kernel|db|build]…   (all but `build` when none is named)";

fn main() -> Result<()> {
    let named: Vec<String> = std::env::args().skip(1).collect();
    let chosen: Vec<&str> = if named.is_empty() {
        vec!["hello", "product", "startup", "kernel", "db"]
    } else {
        named.iter().map(String::as_str).collect()
    };
    for name in chosen {
        match name {
            "hello" => compare::hello()?,
            "product" => compare::product()?,
            "startup" => startup::run()?,
            "kernel" => kernel()?,
            "db" => db()?,
            "build" => build::run()?,
            other => bail!("no benchmark `{other}`\n{USAGE}"),
        }
    }
    Ok(())
}

/// The kernel's own figures, which have limits of their own.
fn kernel() -> Result<()> {
    let status = Command::new(process::binary("kernel")?).status()?;
    ensure!(
        status.success(),
        "the kernel is slower than its limits: {status}"
    );
    Ok(())
}

/// Repositories against plain sqlx, in a process of their own.
fn db() -> Result<()> {
    let status = Command::new(process::binary("db")?).status()?;
    ensure!(status.success(), "the comparison failed: {status}");
    Ok(())
}
