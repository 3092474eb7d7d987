//! All tests of the workspace, with whatever runner is there; what could not be tested here is said and counted.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::shell;

/// Runs every test; `arguments` go to the runner.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut command = if shell::has_cargo_command("nextest") {
        shell::cargo(["nextest", "run", "--workspace", "--locked"])
    } else {
        println!(
            "cargo-nextest is not installed: falling back to `cargo test` \
             (`cargo install --locked cargo-nextest` makes this faster)"
        );
        shell::cargo(["test", "--workspace", "--all-targets", "--locked"])
    };
    if std::env::var_os("CI").is_some() {
        command.env("CARGO_INCREMENTAL", "0");
    }
    let outcome = shell::run(command.args(arguments));
    let skipped: Vec<_> = CHECKS.iter().filter(|check| !check.is_possible()).collect();
    for check in &skipped {
        println!("SKIPPED: {}: {}", check.what, check.way_out);
    }
    println!(
        "{} of the checks that need something of the system were skipped",
        skipped.len()
    );
    outcome
}

/// A check inside a test that passes without it where the system lacks something.
struct Check {
    what: &'static str,
    needs: &'static [&'static str],
    way_out: &'static str,
}

const CHECKS: [Check; 2] = [
    Check {
        what: "promtool has not read our metrics (`promtool_finds_nothing_to_complain_about`)",
        needs: &["promtool", "--version"],
        way_out: "it comes with Prometheus; on Debian `apt-get install prometheus`",
    },
    Check {
        what: "`atlas` has not run without a network (`what_needs_no_service_works_without_a_network`)",
        needs: &["unshare", "--user", "--map-root-user", "--net", "true"],
        way_out: "this system gives no network namespaces to programs like this one",
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
