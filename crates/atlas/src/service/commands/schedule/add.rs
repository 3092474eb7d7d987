//! `schedule add`: a schedule that the code does not have.

use atlas_config::Duration;
use atlas_core::ExitStatus;
use atlas_jobs::{Schedule, store::Misfire};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::json;

use super::super::Outcome;
use super::super::jobs::{Parts, failed, known_kind, moment, payload, why};
use super::name;
use crate::service::cli;

pub(super) fn command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("add")
        .about("Adds a schedule, or changes one that was added")
        .arg(name())
        .arg(
            Arg::new("cron")
                .value_name("CRON")
                .required(true)
                .help("When: minute hour day month weekday, or second first: `0 3 * * *`"),
        )
        .arg(
            Arg::new("kind")
                .value_name("KIND")
                .required(true)
                .help("The kind of its jobs: `send_receipt`"),
        )
        .arg(
            option(
                "payload",
                "PAYLOAD",
                "What its jobs say: JSON, `@FILE`, or `-` for standard input",
            )
            .default_value("{}"),
        )
        .arg(
            option(
                "time-zone",
                "ZONE",
                "Whose clock counts: `Europe/Berlin`, a name of the IANA database",
            )
            .default_value("UTC"),
        )
        .arg(
            option(
                "misfire",
                "POLICY",
                "What becomes of times that nobody was there for: none, one for all, or each",
            )
            .value_parser(["skip", "once", "all"])
            .default_value("once"),
        )
        .arg(
            option(
                "jitter",
                "TIME",
                "The longest random delay of each job: `30s`",
            )
            .value_parser(value_parser!(Duration)),
        )
        .arg(option(
            "queue",
            "QUEUE",
            "The queue of its jobs; `default` otherwise",
        ))
        .arg(
            Arg::new("unknown")
                .long("unknown")
                .action(ArgAction::SetTrue)
                .help("Takes a kind that this build does not know; another one may"),
        )
        .arg(why())
        .arg(cli::json())
}

pub(super) async fn run(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let text = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
    let (name, kind) = (text("name"), text("kind"));
    let payload = payload(text("payload"))?;
    let mut schedule =
        Schedule::of_raw(name, text("cron"), kind, String::from_utf8_lossy(&payload))
            .zone(text("time-zone"))
            .misfire(match text("misfire") {
                "skip" => Misfire::Skip,
                "all" => Misfire::All,
                _ => Misfire::Once,
            });
    if let Some(longest) = matches.get_one::<Duration>("jitter") {
        schedule = schedule.jitter(longest.get());
    }
    if let Some(queue) = matches.get_one::<String>("queue") {
        schedule = schedule.queue(queue);
    }
    let known = parts.schedules.list().await.map_err(failed)?;
    let new = known.iter().all(|it| it.name != name);
    let put = match matches.get_flag("unknown") {
        true => parts.schedules.put_anyway(&schedule, &parts.by).await,
        false => {
            known_kind(parts, kind)?;
            parts.schedules.put(&schedule, &parts.by).await
        }
    };
    put.map_err(failed)?;
    let all = parts.schedules.list().await.map_err(failed)?;
    let it = all.into_iter().find(|it| it.name == name);
    let (paused, next) = it.map_or((false, None), |it| (it.paused, it.next_tick));
    let printer = parts.invocation.printer;
    if matches.get_flag("json") {
        let next = next.map(|time| time.to_rfc3339());
        printer.json(&json!({ "schedule": name, "new": new, "paused": paused, "next_tick": next }));
        return Ok(ExitStatus::SUCCESS);
    }
    let done = if new { "added" } else { "changed" };
    let next = match next {
        _ if paused => ", and still paused".to_owned(),
        Some(time) => format!(", and fires next at {}", moment(time)),
        None => String::new(),
    };
    printer.answer(&format!("`{name}` is {done}{next}"));
    Ok(ExitStatus::SUCCESS)
}
