//! From source to a binary with data.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use super::Demo;
use crate::{Error, Exit, OrFail, Result, ops::cargo};

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

/// Makes the tables and fills them.
///
/// # Errors
/// When the shop refuses; what it said comes with it.
pub fn fill(demo: &Demo, binary: &PathBuf) -> Result<()> {
    for arguments in [&["migrate", "up"][..], &["seed"]] {
        let output = Command::new(binary)
            .args(arguments)
            .current_dir(demo.folder())
            .stdin(Stdio::null())
            .output()
            .or_fail(|| format!("cannot start `{}`", binary.display()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(Error::new(format!("`shop {}` failed", arguments.join(" ")))
                .place(demo.folder().display())
                .source(said));
        }
    }
    Ok(())
}
