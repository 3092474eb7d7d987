//! `migrate up|down|status`: the schema of the database.

use atlas_core::ExitStatus;
use atlas_db::{MigrationState, MigrationStatus, Migrations};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::json;

use super::Outcome;
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;
use crate::service::{cli, table};

pub(super) fn command() -> Command {
    Command::new("migrate")
        .about("Changes the schema of the database, or says where it stands")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("up")
                .about("Applies every pending migration")
                .arg(cli::json()),
        )
        .subcommand(
            Command::new("down")
                .about("Takes back what was applied last")
                .arg(
                    Arg::new("steps")
                        .value_name("STEPS")
                        .value_parser(value_parser!(u16).range(1..))
                        .default_value("1")
                        .help("How many migrations"),
                )
                .arg(cli::json()),
        )
        .subcommand(
            Command::new("status")
                .about("Lists the migrations of the code and of the database")
                .arg(
                    Arg::new("check")
                        .long("check")
                        .action(ArgAction::SetTrue)
                        .help("Exits with 3 when the database is behind or ahead of the code"),
                )
                .arg(cli::json()),
        )
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let app = invocation.valid_app().await?;
    let name = app.name();
    let migrations = app.resolve::<Option<Migrations>>().await?.ok_or_else(|| {
        Failure::new(format!("`{name}` has no database"))
            .help("add `.module(atlas::db::module())` to the app")
    })?;
    let printer = invocation.printer;
    match matches.subcommand() {
        Some(("up", matches)) => {
            let names = migrations.up().await?;
            match matches.get_flag("json") {
                true => printer.json(&json!({ "applied": names })),
                false => printer.answer(&told(
                    "applied",
                    &names,
                    "nothing to apply: the schema is up to date",
                )),
            }
        }
        Some(("down", matches)) => {
            let steps = matches.get_one::<u16>("steps").copied().unwrap_or(1);
            let names = migrations.down(usize::from(steps)).await?;
            match matches.get_flag("json") {
                true => printer.json(&json!({ "reverted": names })),
                false => printer.answer(&told(
                    "reverted",
                    &names,
                    "nothing to take back: no migration is applied",
                )),
            }
        }
        Some((_, matches)) => {
            let all = migrations.status().await?;
            match matches.get_flag("json") {
                true => printer.json(&json!({ "migrations": all })),
                false => printer.answer(&shown(&all)),
            }
            let behind = all.iter().any(|it| it.state != MigrationState::Applied);
            if matches.get_flag("check") && behind {
                return Ok(ExitStatus::new(3));
            }
        }
        None => {}
    }
    Ok(ExitStatus::SUCCESS)
}

fn told(what: &str, names: &[String], nothing: &str) -> String {
    if names.is_empty() {
        return nothing.to_owned();
    }
    names
        .iter()
        .map(|name| format!("{what} {name}\n"))
        .collect()
}

fn shown(all: &[MigrationStatus]) -> String {
    if all.is_empty() {
        return "no migrations".to_owned();
    }
    let rows: Vec<_> = all
        .iter()
        .map(|it| {
            let state = match it.state {
                MigrationState::Applied => "applied",
                MigrationState::Pending => "pending",
                _ => "unknown",
            };
            let at = it
                .applied_at
                .map(|at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string());
            [it.name.clone(), state.to_owned(), at.unwrap_or_default()]
        })
        .collect();
    table::align(["MIGRATION", "STATE", "APPLIED"], &rows)
}
