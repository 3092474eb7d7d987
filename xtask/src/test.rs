//! All tests of the workspace, with whatever runner is there; what could not be tested here is said and counted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::flaky::{self, Flaky};
use crate::servers::{self, Held, KINDS, Kind};
use crate::shell;

/// Runs every test; `arguments` go to the runner. Without any, the tests of the example service run once more on each
/// database server that is here.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let in_ci = std::env::var_os("CI").is_some();
    let runner = Runner::new();
    let held = hold_servers(in_ci)?;
    if in_ci {
        bring_packages();
    }
    let skips = Skips::new()?;
    let mut flaky = Flaky::new();
    let mut outcome = shell::run(runner.all(&skips, in_ci).args(arguments));
    flaky.add_last_run();
    if arguments.is_empty() {
        for (kind, server) in &held {
            let word = kind.word;
            if kind.is_database && !server.is_absent() {
                println!("\nthe shop on {word}");
                let of_engine =
                    shell::run(runner.shop(&skips, in_ci).env("ATLAS_TEST_DATABASE", word));
                flaky.add_last_run();
                outcome = outcome.and(of_engine.with_context(|| format!("the shop on {word}")));
            }
        }
    }
    let skipped: Vec<_> = CHECKS.iter().filter(|check| !check.is_possible()).collect();
    for check in &skipped {
        println!("SKIPPED: {}: {}", check.what, check.way_out);
    }
    println!(
        "{} of the checks that need something of the system were skipped",
        skipped.len()
    );
    let missing = skips.report(&held)?;
    if in_ci {
        outcome = outcome.and(flaky.report());
    }
    outcome?;
    if in_ci && !missing.is_empty() {
        bail!(
            "where all is tested, {} must not be skipped",
            missing.join(" and ")
        );
    }
    Ok(())
}

/// Finds the servers, and keeps those of ours running from one test to the next. Where all is tested, missing ones are
/// brought if that can be.
pub(crate) fn hold_servers(bring: bool) -> Result<Vec<(Kind, Held)>> {
    servers::build()?;
    let mut all = Vec::new();
    for kind in KINDS {
        let mut held = Held::new(kind)?;
        if held.is_absent() && bring {
            match servers::install(kind) {
                Ok(()) => held = Held::new(kind)?,
                Err(error) => println!("{}: {error:#}", kind.word),
            }
        }
        println!("{}: {}", kind.word, held.said);
        all.push((kind, held));
    }
    Ok(all)
}

/// Installs what checks need and do not find. What cannot be installed is skipped, and said at the end.
fn bring_packages() {
    let missing = CHECKS.iter().filter(|check| !check.is_possible());
    for package in missing.filter_map(|check| check.package) {
        if let Err(error) = servers::install_package(package) {
            println!("{error:#}");
        }
    }
}

/// What runs the tests.
struct Runner {
    is_nextest: bool,
}

impl Runner {
    fn new() -> Self {
        let is_nextest = shell::has_cargo_command("nextest");
        if !is_nextest {
            println!(
                "cargo-nextest is not installed: falling back to `cargo test` \
                 (`cargo install --locked cargo-nextest` makes this faster)"
            );
        }
        Self { is_nextest }
    }

    fn all(&self, skips: &Skips, in_ci: bool) -> Command {
        let command = match self.is_nextest {
            true => nextest(in_ci),
            false => shell::cargo(["test", "--workspace", "--all-targets", "--locked"]),
        };
        prepared(command, skips, in_ci)
    }

    /// The tests of the shop, compiled as those of the workspace are, where the drivers of all engines are in.
    fn shop(&self, skips: &Skips, in_ci: bool) -> Command {
        let mut command = match self.is_nextest {
            true => nextest(in_ci),
            false => shell::cargo(["test", "-p", "shop", "-p", "atlas-kit-test", "--locked"]),
        };
        if self.is_nextest {
            command.args(["-E", "package(shop)"]);
        }
        prepared(command, skips, in_ci)
    }
}

fn nextest(in_ci: bool) -> Command {
    let mut command = shell::cargo(["nextest", "run", "--workspace", "--locked"]);
    if in_ci {
        command.args(flaky::ONCE_MORE);
    }
    command
}

fn prepared(mut command: Command, skips: &Skips, in_ci: bool) -> Command {
    skips.counted_by(&mut command);
    if in_ci {
        let required: Vec<_> = KINDS.iter().filter(|kind| kind.required).collect();
        let required: Vec<_> = required.iter().map(|kind| kind.word).collect();
        command
            .env("CARGO_INCREMENTAL", "0")
            .env("ATLAS_TEST_REQUIRE", required.join(","));
    }
    command
}

/// The file in which tests count what they skip for want of a server.
pub(crate) struct Skips(PathBuf);

impl Skips {
    pub(crate) fn new() -> Result<Self> {
        let folder = shell::root().join("target");
        fs::create_dir_all(&folder).context("`target` cannot be made")?;
        let path = folder.join(format!("skipped-tests-{}", std::process::id()));
        fs::write(&path, "").context("skips cannot be counted")?;
        Ok(Self(path))
    }

    /// Has the tests of a command counted there.
    pub(crate) fn counted_by(&self, command: &mut Command) {
        command.env("ATLAS_TEST_SKIPS", &self.0);
    }

    /// Says how many tests each server was missing for; returns the required ones among them.
    pub(crate) fn report(&self, held: &[(Kind, Held)]) -> Result<Vec<&'static str>> {
        let lines = read(&self.0)?;
        let mut missing = Vec::new();
        for kind in KINDS {
            let count = lines
                .iter()
                .filter(|line| line.split('\t').next() == Some(kind.word))
                .count();
            println!("{}: {count} tests skipped", kind.word);
            let is_absent = held
                .iter()
                .any(|(other, held)| *other == kind && held.is_absent());
            if kind.required && (count > 0 || is_absent) {
                missing.push(kind.word);
            }
        }
        Ok(missing)
    }
}

impl Drop for Skips {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn read(path: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(path).context("the count of skips is gone")?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// A check inside a test that passes without it where the system lacks something.
struct Check {
    what: &'static str,
    needs: &'static [&'static str],
    /// The package of Debian that has it and is brought where all is tested.
    package: Option<&'static str>,
    way_out: &'static str,
}

const CHECKS: [Check; 3] = [
    Check {
        what: "promtool has not read our metrics (`promtool_finds_nothing_to_complain_about`)",
        needs: &["promtool", "--version"],
        package: None,
        way_out: "it comes with Prometheus; on Debian `apt-get install prometheus`",
    },
    Check {
        what: "`atlas` has not run without a network (`what_needs_no_service_works_without_a_network`)",
        needs: &["unshare", "--user", "--map-root-user", "--net", "true"],
        package: None,
        way_out: "this system gives no network namespaces to programs like this one",
    },
    Check {
        what: "no process was shown a wrong clock (`jobs::clocks`)",
        needs: &["faketime", "-f", "+300", "true"],
        package: Some("faketime"),
        way_out: "it is libfaketime; on Debian `apt-get install faketime`",
    },
];

impl Check {
    fn is_possible(&self) -> bool {
        let (program, arguments) = self.needs.split_first().expect("a program is named");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}
