//! `schedule list` and `schedule next`: what there is, and when it fires.

use atlas_core::ExitStatus;
use atlas_jobs::{Cron, Time};
use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::json;

use super::super::Outcome;
use super::super::jobs::{Parts, failed, json_of_payload, moment};
use super::{name, named};
use crate::service::cli;

pub(super) fn command() -> Command {
    Command::new("list")
        .about("Lists schedules: those of the code and those that were added")
        .arg(cli::json())
}

pub(super) fn next_command() -> Command {
    Command::new("next")
        .about("Says when a schedule fires next, paused or not")
        .arg(name())
        .arg(
            Arg::new("count")
                .short('n')
                .long("count")
                .value_name("COUNT")
                .value_parser(value_parser!(u16).range(1..=1000))
                .default_value("5")
                .help("So many times"),
        )
        .arg(cli::json())
}

pub(super) async fn run(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let all = parts.schedules.list().await.map_err(failed)?;
    let printer = parts.invocation.printer;
    if matches.get_flag("json") {
        let all: Vec<_> = all
            .iter()
            .map(|it| {
                let mut value = json!(it);
                value["payload"] = json_of_payload(it.payload.as_bytes());
                value
            })
            .collect();
        printer.json(&json!({ "schedules": all }));
        return Ok(ExitStatus::SUCCESS);
    }
    if all.is_empty() {
        printer.message("no schedules");
        return Ok(ExitStatus::SUCCESS);
    }
    let rows: Vec<[String; 7]> = all
        .into_iter()
        .map(|it| {
            let next = match it.paused {
                true => "paused".to_owned(),
                false => it.next_tick.map(moment).unwrap_or_default(),
            };
            let last = it.last_tick.map(moment).unwrap_or_default();
            let from = if it.from_code { "code" } else { "added" };
            [
                it.name,
                it.cron,
                it.zone,
                it.kind,
                next,
                last,
                from.to_owned(),
            ]
        })
        .collect();
    printer.table(
        ["NAME", "CRON", "ZONE", "KIND", "NEXT", "LAST", "FROM"],
        &rows,
    );
    Ok(ExitStatus::SUCCESS)
}

pub(super) async fn next(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let it = named(parts, matches).await?;
    let count = matches.get_one::<u16>("count").copied().unwrap_or(5);
    let times = parts.schedules.next(&it.name, count.into()).await;
    let times = times.map_err(failed)?;
    let words = Cron::new(&it.cron, &it.zone).map_err(failed)?.describe();
    let printer = parts.invocation.printer;
    if matches.get_flag("json") {
        let times: Vec<_> = times.iter().map(Time::to_rfc3339).collect();
        printer.json(&json!({
            "schedule": it.name,
            "cron": it.cron,
            "zone": it.zone,
            "description": words,
            "paused": it.paused,
            "next": times,
        }));
        return Ok(ExitStatus::SUCCESS);
    }
    printer.message(&words);
    for time in times {
        printer.answer(&moment(time));
    }
    if it.paused {
        printer.message(&format!(
            "it is paused, and does not fire before `schedule resume {}`",
            it.name
        ));
    }
    Ok(ExitStatus::SUCCESS)
}
