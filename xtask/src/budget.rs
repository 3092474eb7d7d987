//! What a user's service costs to compile: compile time is a feature, so it has a budget.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::shell;

/// What is counted and how much it may cost.
struct Budget {
    what: &'static str,
    package: &'static str,
    features: &'static [&'static str],
    crates: usize,
}

const BUDGETS: [Budget; 2] = [
    Budget {
        what: "a service with HTTP alone",
        package: "atlas-kit",
        features: &["http"],
        crates: 125,
    },
    Budget {
        what: "a service with SQLite (the shop)",
        package: "shop",
        features: &[],
        crates: 250,
    },
];

/// Where Linux says what this process and its children have used.
const STAT: &str = "/proc/self/stat";

/// CPU time of the first debug build of a generated service with its databases, every crate included: so many times that of
/// bare axum, which is built beside it. Seconds would say how busy or old the machine is.
const FIRST_BUILD: f64 = 9.0;

/// Fails when a budget is exceeded.
pub(crate) fn run() -> Result<()> {
    crates()?;
    first_build()
}

fn crates() -> Result<()> {
    let mut exceeded = Vec::new();
    for budget in &BUDGETS {
        let mut command = shell::cargo([
            "tree",
            "--locked",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
        ]);
        command.args(["--package", budget.package]);
        if !budget.features.is_empty() {
            command.args([
                "--no-default-features",
                "--features",
                &budget.features.join(","),
            ]);
        }
        let crates = distinct(&shell::output(&mut command)?);
        println!("{}: {crates} crates of {}", budget.what, budget.crates);
        if crates > budget.crates {
            exceeded.push(budget.what);
        }
    }
    if !exceeded.is_empty() {
        bail!(
            "the crate budget is exceeded by {}: find what came in with `cargo tree -p shop -e normal,build`",
            exceeded.join(" and ")
        );
    }
    Ok(())
}

/// Generates a service and builds it with nothing built before; bare axum is the yardstick.
fn first_build() -> Result<()> {
    if !Path::new(STAT).exists() {
        println!(
            "SKIPPED: the build budget (CPU time of children is read from {STAT}, which only Linux has)"
        );
        return Ok(());
    }
    let folder = shell::root().join("target/budget");
    // What an earlier run built must not count as built now.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    shell::run(&mut shell::cargo([
        "build",
        "--quiet",
        "--locked",
        "--package",
        "atlas-kit-cli",
    ]))?;
    shell::run(
        Command::new(shell::root().join("target/debug/atlas"))
            .args(["new", "shop", "--no-input", "--quiet"])
            .current_dir(&folder),
    )?;
    let mut axum = shell::cargo(["build", "--quiet", "--locked", "--package", "axum"]);
    let axum = cpu_of(axum.env("CARGO_TARGET_DIR", folder.join("axum")))?;
    let mut service = shell::cargo(["build", "--quiet"]);
    service.current_dir(folder.join("shop"));
    let service = cpu_of(service.env("CARGO_TARGET_DIR", folder.join("target")))?;
    fs::remove_dir_all(&folder)?;
    let ratio = service.as_secs_f64() / axum.as_secs_f64();
    println!(
        "the first debug build of a generated service: {ratio:.1} times that of axum, of {FIRST_BUILD:.1} ({} and {} CPU s)",
        service.as_secs(),
        axum.as_secs()
    );
    if ratio > FIRST_BUILD {
        bail!("the first build exceeds its budget: find what is dear with `cargo build --timings`");
    }
    Ok(())
}

/// What a command costs, its children included.
fn cpu_of(command: &mut Command) -> Result<Duration> {
    let before = children_cpu()?;
    shell::run(command.stdin(Stdio::null()))?;
    Ok(children_cpu()?.saturating_sub(before))
}

/// CPU time of every child that has ended, and of theirs.
fn children_cpu() -> Result<Duration> {
    let stat = fs::read_to_string(STAT)?;
    let (_, fields) = stat
        .rsplit_once(')')
        .context("unknown format of the file")?;
    let ticks = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<u64, _>>()?;
    // The unit is USER_HZ, which Linux fixes at 100 for every program.
    Ok(Duration::from_millis(ticks * 10))
}

/// Counts the packages in the output of `cargo tree --prefix none`, each version once.
fn distinct(tree: &str) -> usize {
    tree.lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.trim().is_empty() && !line.starts_with('['))
        .collect::<BTreeSet<_>>()
        .len()
}

#[cfg(test)]
mod tests {
    use super::distinct;

    #[test]
    fn a_crate_that_is_listed_twice_counts_once() {
        let tree = "shop v0.1.0\nserde v1.0.0\nserde v1.0.0 (*)\n\nsyn v2.0.0\nsyn v3.0.0\n";
        assert_eq!(distinct(tree), 4);
    }
}
