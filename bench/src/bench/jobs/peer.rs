//! The peer: a program of a workspace of its own, so that its crates stay out of everybody else's.

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result, ensure};

/// Builds it, and says where it is; `BENCH_APALIS` names one that is built already.
pub(crate) fn program() -> Result<PathBuf> {
    if let Some(built) = std::env::var_os("BENCH_APALIS") {
        return Ok(built.into());
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("apalis");
    eprintln!("building the peer, which takes some minutes at first");
    let built = Command::new("cargo")
        .args(["build", "--release", "--locked", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .status()
        .context("cargo is not to be found")?;
    ensure!(built.success(), "the peer cannot be built");
    Ok(folder.join("target/release/bench-apalis"))
}
