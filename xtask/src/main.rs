//! Developer tasks of the Atlas workspace: `cargo xtask COMMAND`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer tool speaks on the terminal"
)]

mod bench;
mod budget;
mod ci;
mod contract;
mod deny;
mod flaky;
mod servers;
mod shell;
mod soak;
mod test;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND [ARGUMENTS]

  ci             everything below, in the order in which it fails fastest
  fmt            rustfmt, check only
  clippy         clippy on every target, warnings are errors
  tidy           floors, file sizes, docs of public items, links in Markdown
  deny           licences, bans, sources; advisories where their database is reachable
  budget         what a user's service costs to compile: crates, and CPU of its first build
  docs           rustdoc without warnings, and every example in it
  test [ARGS]    all tests (cargo-nextest where it is installed, else cargo test)
  servers [NAME] which servers tests find here; brings those that are named (mysql, postgres, mariadb, redis)
  soak [FILTER]  the crash cases: once at full size, then with a seed after the other (--seeds 100, --minutes 30); not part of ci
  contract       schemathesis with all checks against the shop; not part of ci, it needs PyPI once
  bench [ARGS]   benchmarks against hand-written peers; see bench/README.md";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let outcome = match command {
        "ci" => ci::run(),
        "fmt" => ci::fmt(),
        "clippy" => ci::clippy(),
        "tidy" => tidy::run(),
        "deny" => deny::run(),
        "budget" => budget::run(),
        "docs" => ci::docs(),
        "test" => test::run(rest),
        "servers" => servers::run(rest),
        "bench" => bench::run(rest),
        "soak" => soak::run(rest),
        "contract" => contract::run(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => {
            eprintln!("error: no command `{other}`\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
