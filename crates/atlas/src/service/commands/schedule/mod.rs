//! `schedule …`: what enqueues jobs by the clock.

mod add;
mod change;
mod list;

use atlas_core::ExitStatus;
use atlas_jobs::{Error, store::ScheduleRecord};
use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use super::Outcome;
use super::jobs::{Parts, failed, refused};
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;

pub(super) fn command() -> Command {
    Command::new("schedule")
        .about("Lists, adds, pauses and runs the schedules of jobs")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(list::command())
        .subcommand(list::next_command())
        .subcommand(add::command())
        .subcommand(change::pause_command())
        .subcommand(change::resume_command())
        .subcommand(change::run_command())
        .subcommand(change::remove_command())
        .after_help(
            "Examples:\n  schedule add nightly '0 3 * * *' nightly_summary --time-zone Europe/Berlin\n  \
             schedule next nightly -n 3         when it fires\n  \
             schedule pause nightly --why 'the report moves'",
        )
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let Some((name, matches)) = matches.subcommand() else {
        return Err(refused("say what to do"));
    };
    let parts = Parts::of(invocation, matches).await?;
    match name {
        "list" => list::run(&parts, matches).await,
        "next" => list::next(&parts, matches).await,
        "add" => add::run(&parts, matches).await,
        "pause" => change::pause(&parts, matches).await,
        "resume" => change::resume(&parts, matches).await,
        "run" => change::fire(&parts, matches).await,
        "remove" => change::remove(&parts, matches).await,
        other => Err(refused(format!("there is no command `schedule {other}`"))),
    }
}

/// `NAME`.
fn name() -> Arg {
    Arg::new("name")
        .value_name("NAME")
        .required(true)
        .help("Its name")
}

/// The schedule that was named.
async fn named(parts: &Parts<'_>, matches: &ArgMatches) -> Result<ScheduleRecord, Failure> {
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    let mut all = parts.schedules.list().await.map_err(failed)?;
    match all.iter().position(|it| it.name == name) {
        Some(at) => Ok(all.swap_remove(at)),
        None => {
            let failure = failed(Error::NoSuchSchedule(name.to_owned()));
            let near = atlas_schema::closest(name, all.iter().map(|it| it.name.as_str()));
            Err(match near {
                Some(near) => failure.help(&format!("did you mean `{near}`?")),
                None => failure,
            })
        }
    }
}

fn told(parts: &Parts<'_>, matches: &ArgMatches, name: &str, what: &str) -> Outcome {
    let printer = parts.invocation.printer;
    match matches.get_flag("json") {
        true => printer.json(&json!({ "schedule": name })),
        false => printer.answer(&format!("`{name}` {what}")),
    }
    Ok(ExitStatus::SUCCESS)
}
