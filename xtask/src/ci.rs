//! What must pass before a change lands, in one command.

use std::time::Instant;

use anyhow::{Context, Result};

use crate::{budget, deny, shell, test, tidy};

/// A step of CI: its name and what it runs.
type Step = (&'static str, fn() -> Result<()>);

/// Runs every check; the first failure ends it.
pub(crate) fn run() -> Result<()> {
    let steps: [Step; 7] = [
        ("fmt", fmt),
        ("tidy", tidy::run),
        ("clippy", clippy),
        ("deny", deny::run),
        ("budget", budget::run),
        ("docs", docs),
        ("test", || test::run(&[])),
    ];
    let begin = Instant::now();
    for (name, step) in steps {
        println!("\n=== {name}");
        let started = Instant::now();
        step().with_context(|| format!("step `{name}`"))?;
        println!("=== {name}: ok in {:.0?}", started.elapsed());
    }
    println!("\nci: all steps passed in {:.0?}", begin.elapsed());
    Ok(())
}

/// rustfmt, without changing a file.
pub(crate) fn fmt() -> Result<()> {
    shell::run(&mut shell::cargo(["fmt", "--all", "--", "--check"]))
}

/// clippy on every target of every package, and on the facade with each database alone: what tests switch on together a
/// service may have by itself.
pub(crate) fn clippy() -> Result<()> {
    let clippy = |arguments: &[&str]| {
        let always = ["--locked", "--", "-D", "warnings"];
        let arguments = [&["clippy"], arguments, &always].concat();
        shell::run(&mut shell::cargo(arguments))
    };
    clippy(&["--workspace", "--all-targets"])?;
    for database in ["sqlite", "postgres", "mysql"] {
        let features = format!("http,{database}");
        let facade = ["-p", "atlas-kit", "--no-default-features", "--features"];
        clippy(&[&facade[..], &[&features]].concat())?;
    }
    Ok(())
}

/// rustdoc without warnings, then every example in the docs.
pub(crate) fn docs() -> Result<()> {
    shell::run(
        shell::cargo(["doc", "--workspace", "--no-deps", "--locked"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    shell::run(&mut shell::cargo([
        "test",
        "--workspace",
        "--doc",
        "--locked",
    ]))
}
