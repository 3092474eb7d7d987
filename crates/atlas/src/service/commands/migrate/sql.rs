//! `migrate sql`: migrations as a script.

use atlas_core::ExitStatus;
use atlas_db::migration::Direction;
use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use super::{Outcome, Parts, flag, migration, text};
use crate::service::cli;

/// What stands in a script where code of a migration would run.
const CODE: &str = "\n-- code of the migration runs here";

pub(super) fn command() -> Command {
    Command::new("sql")
        .about("Prints migrations as SQL for the configured engine, without asking the database")
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .conflicts_with_all(["from", "to"])
                .help("One migration; all of them by default"),
        )
        .arg(migration("from", "The first one"))
        .arg(migration("to", "The last one"))
        .arg(flag(
            "down",
            "Prints how they are taken back, the latest first",
        ))
        .arg(cli::json())
}

pub(super) fn run(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let one = text(matches, "name");
    let (from, to) = (one.or(text(matches, "from")), one.or(text(matches, "to")));
    let direction = match matches.get_flag("down") {
        true => Direction::Down,
        false => Direction::Up,
    };
    let script = parts.migrations.script(from, to, direction)?;
    let printer = parts.invocation.printer;
    if script.contains(CODE) {
        printer.message("warning: a migration runs code, which no script can do; apply that one with `migrate up`");
    }
    match matches.get_flag("json") {
        true => printer.json(&json!({ "sql": script })),
        false => printer.answer(&script),
    }
    Ok(ExitStatus::SUCCESS)
}
