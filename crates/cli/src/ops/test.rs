//! Runs a service's tests.

use std::{ffi::OsString, path::Path, process::Command};

use crate::ops::cargo;

/// The command that runs the tests of the package at `root`: `cargo nextest run` where nextest is installed (it runs
/// every test in a process of its own, all at once), else `cargo test`.
#[must_use]
pub fn command(root: &Path, arguments: &[OsString]) -> Command {
    let mut command = cargo::command(root);
    if has_nextest(root) {
        command.args(["nextest", "run"]);
    } else {
        command.arg("test");
    }
    command.args(arguments);
    command
}

/// Whether `cargo nextest` is installed.
#[must_use]
pub fn has_nextest(root: &Path) -> bool {
    cargo::command(root)
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}
