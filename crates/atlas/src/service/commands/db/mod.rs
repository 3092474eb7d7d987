//! `db`: the database as a whole.

mod lifecycle;
mod programs;

use atlas_core::App;
use atlas_db::Admin;
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::Outcome;
use crate::service::cli;
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;

pub(super) fn command() -> Command {
    Command::new("db")
        .about("Makes, empties, removes, opens or dumps the database")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("create")
                .about("Makes the database, empty, unless it exists")
                .arg(cli::json()),
        )
        .subcommand(
            Command::new("drop")
                .about("Removes the database with everything in it; never in production")
                .arg(yes())
                .arg(cli::json()),
        )
        .subcommand(
            Command::new("reset")
                .about("Removes the database, makes it anew, migrates and seeds it; never in production")
                .arg(yes())
                .arg(cli::json()),
        )
        .subcommand(
            Command::new("prepare")
                .about("Makes the database if need be, migrates it, and seeds a new one")
                .arg(cli::json()),
        )
        .subcommand(
            Command::new("console")
                .about("Opens the engine's own client: sqlite3, psql, mariadb or mysql")
                .arg(
                    Arg::new("arguments")
                        .value_name("ARGUMENT")
                        .num_args(0..)
                        .last(true)
                        .help("What the client gets besides, behind `--`"),
                ),
        )
        .subcommand(
            Command::new("dump")
                .about("Writes the database as SQL that makes it anew")
                .arg(
                    Arg::new("schema-only")
                        .long("schema-only")
                        .action(ArgAction::SetTrue)
                        .help("Leaves the rows out"),
                )
                .arg(
                    Arg::new("output")
                        .long("output")
                        .short('o')
                        .value_name("FILE")
                        .value_parser(clap::value_parser!(std::path::PathBuf))
                        .help("Writes to this file; else to standard output"),
                ),
        )
        .after_help(
            "Examples:\n  db prepare                      a database that is ready to use, whatever was there\n  \
             db reset --yes                  an empty one with the profile's data, for tests and demos\n  \
             db console -- -c 'SELECT 1'     one statement with PostgreSQL's client\n  \
             db dump --schema-only -o db.sql the schema as the engine has it",
        )
}

fn yes() -> Arg {
    Arg::new("yes")
        .long("yes")
        .short('y')
        .action(ArgAction::SetTrue)
        .help("Does not ask")
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let app = invocation.valid_app().await?;
    let name = app.name();
    let admin = app.resolve::<Option<Admin>>().await?;
    let admin = admin.ok_or_else(|| none(name))?;
    match matches.subcommand() {
        Some(("create", matches)) => lifecycle::create(invocation, &admin, matches).await,
        Some(("drop", matches)) => lifecycle::drop(invocation, &admin, matches).await,
        Some(("reset", matches)) => lifecycle::reset(invocation, &admin, matches).await,
        Some(("prepare", matches)) => lifecycle::prepare(invocation, &admin, matches).await,
        Some(("console", matches)) => programs::console(&admin, matches),
        Some((_, matches)) => programs::dump(&admin, matches).await,
        None => Err(Failure::new("say what to do with the database").exit(2)),
    }
}

/// A service without a database.
fn none(name: &str) -> Failure {
    Failure::new(format!("`{name}` has no database"))
        .help("add `.module(atlas::db::module())` to the app")
}

/// The app once more: what was resolved before belongs to a database that is gone by now.
fn fresh(invocation: &Invocation) -> App {
    invocation.app()
}
