//! `migrate …`: the schema of the database.

mod diff;
mod fix;
mod goal;
mod plan;
mod sql;
mod status;

use atlas_config::Profile;
use atlas_db::Migrations;
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::Outcome;
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;

pub(super) fn command() -> Command {
    Command::new("migrate")
        .about("Changes the schema of the database, or says where it stands")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommands(goal::commands())
        .subcommand(status::command())
        .subcommand(status::check_command())
        .subcommand(plan::command())
        .subcommand(sql::command())
        .subcommand(fix::command())
        .subcommand(diff::command())
}

/// What every command below works with.
struct Parts<'a> {
    invocation: &'a Invocation,
    migrations: Migrations,
    profile: Profile,
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    if let Some(("diff", matches)) = matches.subcommand() {
        return diff::run(invocation, matches).await;
    }
    let app = invocation.valid_app().await?;
    let name = app.name();
    let (migrations, profile) = app.resolve::<(Option<Migrations>, Profile)>().await?;
    let migrations = migrations.ok_or_else(|| {
        Failure::new(format!("`{name}` has no database"))
            .help("add `.module(atlas::db::module())` to the app")
    })?;
    let parts = Parts {
        invocation,
        migrations,
        profile,
    };
    match matches.subcommand() {
        Some(("status", matches)) => status::run(&parts, matches).await,
        Some(("check", matches)) => status::check(&parts, matches).await,
        Some(("plan", matches)) => plan::run(&parts, matches).await,
        Some(("sql", matches)) => sql::run(&parts, matches),
        Some(("fix", matches)) => fix::run(&parts, matches).await,
        Some((command, matches)) => goal::run(&parts, command, matches).await,
        None => Err(Failure::new("say what to do").exit(2)),
    }
}

/// A flag without a value.
fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

/// `--to NAME` and its like.
fn migration(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name("NAME").help(help)
}

fn text<'a>(matches: &'a ArgMatches, name: &str) -> Option<&'a str> {
    matches.get_one::<String>(name).map(String::as_str)
}
