//! `schedule pause`, `resume`, `run` and `remove`.

use atlas_core::{Actor, ExitStatus, scope};
use clap::{ArgMatches, Command};
use serde_json::json;

use super::super::Outcome;
use super::super::jobs::{Parts, failed, moment, why};
use super::{name, named, told};
use crate::service::cli;

pub(super) fn pause_command() -> Command {
    change("pause", "Lets a schedule fire no more")
}

pub(super) fn resume_command() -> Command {
    change(
        "resume",
        "Lets a paused schedule fire again, from its first time after now",
    )
}

pub(super) fn run_command() -> Command {
    change(
        "run",
        "Enqueues the job of a schedule now, paused or not; its ticks stay as they are",
    )
}

pub(super) fn remove_command() -> Command {
    change(
        "remove",
        "Removes a schedule that was added, or one whose code is gone; one of the code can be paused",
    )
}

fn change(command: &'static str, about: &'static str) -> Command {
    Command::new(command)
        .about(about)
        .arg(name())
        .arg(why())
        .arg(cli::json())
}

pub(super) async fn pause(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let it = named(parts, matches).await?;
    let pausing = parts.schedules.pause(&it.name, &parts.by);
    pausing.await.map_err(failed)?;
    told(parts, matches, &it.name, "is paused")
}

pub(super) async fn resume(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let it = named(parts, matches).await?;
    if !it.paused {
        return told(parts, matches, &it.name, "is not paused");
    }
    let resuming = parts.schedules.resume(&it.name, &parts.by);
    resuming.await.map_err(failed)?;
    let next = parts.schedules.next(&it.name, 1).await.map_err(failed)?;
    match next.first() {
        Some(time) => {
            let words = format!("fires next at {}", moment(*time));
            told(parts, matches, &it.name, &words)
        }
        None => told(
            parts,
            matches,
            &it.name,
            "is resumed, and never fires again",
        ),
    }
}

pub(super) async fn fire(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let it = named(parts, matches).await?;
    let running = scope::enter(async {
        Actor::new(parts.by.actor.as_str()).act();
        parts.schedules.run_now(&it.name, &parts.by).await
    });
    let id = running.await.map_err(failed)?;
    let printer = parts.invocation.printer;
    match matches.get_flag("json") {
        true => printer.json(&json!({ "schedule": it.name, "id": id })),
        false => printer.answer(&format!("`{}`: {id} is enqueued", it.name)),
    }
    Ok(ExitStatus::SUCCESS)
}

pub(super) async fn remove(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let it = named(parts, matches).await?;
    let removing = parts.schedules.remove(&it.name, &parts.by);
    removing.await.map_err(failed)?;
    told(parts, matches, &it.name, "is removed")
}
