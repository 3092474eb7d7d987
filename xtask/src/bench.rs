//! Benchmarks, in release, one at a time.

use anyhow::Result;

use crate::shell;

/// Runs the bench package's driver; `arguments` choose what is measured.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    // Apart from each other, so that neither package changes the features of the other's dependencies.
    for package in ["atlas-kit-cli", "bench"] {
        shell::run(&mut shell::cargo([
            "build",
            "--release",
            "--locked",
            "--bins",
            "--package",
            package,
        ]))?;
    }
    shell::run(
        shell::cargo([
            "run",
            "--release",
            "--locked",
            "--package",
            "bench",
            "--bin",
            "bench",
            "--",
        ])
        .args(arguments),
    )
}
