//! From source to a binary.

use std::{path::PathBuf, process::Stdio};

use super::Demo;
use crate::{Error, Exit, Result, ops::cargo};

/// Builds the shop, with cargo's own messages on the terminal, and says where the binary is.
///
/// # Errors
/// When there is no cargo, or the build fails.
pub fn build(demo: &Demo, quiet: bool) -> Result<PathBuf> {
    let status = cargo::command(demo.folder())
        .arg("build")
        .args(quiet.then_some("--quiet"))
        .env("CARGO_TARGET_DIR", demo.target())
        .stdin(Stdio::null())
        .status()
        .map_err(|error| {
            Error::new("cannot start `cargo`")
                .exit(Exit::Unavailable)
                .source(error)
                .help("install Rust: https://rustup.rs, then check with `atlas doctor`")
        })?;
    if !status.success() {
        return Err(Error::new("the shop does not build")
            .place(demo.folder().display())
            .help("see what cargo says above"));
    }
    Ok(demo
        .target()
        .join("debug")
        .join(format!("shop{}", std::env::consts::EXE_SUFFIX)))
}
