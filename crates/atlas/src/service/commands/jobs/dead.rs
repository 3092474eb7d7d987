//! `jobs dead …`: what failed for good.

use std::time::Duration;

use atlas_core::ExitStatus;
use atlas_jobs::{
    State,
    store::{Edit, Filter, Page, Redrive},
};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::json;

use super::parts::{failed, refused};
use super::{Outcome, Parts, list, select, show, why, words, yes};
use crate::service::cli;
use crate::service::failure::Failure;

/// How many jobs one call of the store drops.
const BATCH: usize = 1000;

pub(super) fn command() -> Command {
    Command::new("dead")
        .about("Lists, shows, edits, redrives or drops jobs that failed for good")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(
            meant(Command::new("list").about("Lists dead jobs, the newest first"))
                .args(select::page())
                .arg(cli::json()),
        )
        .subcommand(
            Command::new("show")
                .about("Shows a job with every error")
                .arg(select::ids(true, "Its name").action(ArgAction::Set))
                .arg(cli::json()),
        )
        .subcommand(
            Command::new("edit")
                .about("Changes a dead job, or one that waits, before it runs again")
                .arg(select::ids(true, "Its name").action(ArgAction::Set))
                .arg(option(
                    "payload",
                    "PAYLOAD",
                    "What it says from now on: JSON, `@FILE`, or `-` for standard input",
                ))
                .arg(option("queue", "QUEUE", "Its queue from now on"))
                .arg(
                    option("max-attempts", "COUNT", "How often it may be attempted")
                        .value_parser(value_parser!(u32).range(1..=1000)),
                )
                .arg(why())
                .arg(cli::json()),
        )
        .subcommand(
            meant(
                Command::new("redrive")
                    .about("Gives dead jobs new attempts; asks first when no filter is given"),
            )
            .arg(select::ids(
                false,
                "Their names; all that the filter meets without one",
            ))
            .arg(
                option("limit", "COUNT", "At most so many")
                    .value_parser(value_parser!(u32).range(1..=1_000_000))
                    .default_value("1000"),
            )
            .arg(
                option("rate", "COUNT", "At most so many a second become available")
                    .value_parser(value_parser!(u32).range(1..=100_000)),
            )
            .arg(why())
            .arg(yes())
            .arg(cli::json()),
        )
        .subcommand(
            meant(Command::new("drop").about("Drops dead jobs with their errors; asks first"))
                .arg(select::ids(
                    false,
                    "Their names; all that the filter meets without one",
                ))
                .arg(select::older_than("Dead for longer than this"))
                .arg(why())
                .arg(yes())
                .arg(cli::json()),
        )
}

fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn meant(command: Command) -> Command {
    command.args(select::filters()).arg(select::reason())
}

pub(super) async fn run(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    match matches.subcommand() {
        Some(("list", matches)) => list::show(parts, matches, dead(matches)).await,
        Some(("show", matches)) => show::run(parts, matches).await,
        Some(("edit", matches)) => edit(parts, matches).await,
        Some(("redrive", matches)) => redrive(parts, matches).await,
        Some(("drop", matches)) => discard(parts, matches).await,
        _ => Err(refused("say what to do")),
    }
}

/// The dead jobs that are meant.
fn dead(matches: &ArgMatches) -> Filter {
    Filter {
        states: vec![State::Dead],
        ..select::filter(matches)
    }
}

async fn edit(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let payload = select::text(matches, "payload")
        .map(select::payload)
        .transpose()?;
    let change = Edit {
        payload,
        max_attempts: matches.get_one::<u32>("max-attempts").copied(),
        queue: select::text(matches, "queue").map(str::to_owned),
    };
    if change == Edit::default() {
        return Err(refused("there is nothing to change")
            .help("say `--payload`, `--queue` or `--max-attempts`; `jobs dead show ID` has what it says now"));
    }
    let id = select::given_ids(matches)[0];
    let done = parts.store.edit(id, &change, &parts.by);
    done.await.map_err(failed)?;
    let printer = parts.invocation.printer;
    match matches.get_flag("json") {
        true => printer.json(&json!({ "id": id })),
        false => printer.answer(&format!(
            "{id} is changed; `jobs dead redrive {id}` runs it again"
        )),
    }
    Ok(ExitStatus::SUCCESS)
}

async fn redrive(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let filter = dead(matches);
    if select::is_everything(&filter) {
        parts.consent(
            matches,
            "All dead jobs, of every kind and queue, get new attempts.",
        )?;
    }
    let limit = matches.get_one::<u32>("limit").copied().unwrap_or(1000);
    let rate = matches.get_one::<u32>("rate").copied();
    let redrive = Redrive {
        filter,
        limit: limit as usize,
        spacing: rate.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate),
    };
    let count = parts
        .store
        .redrive(&redrive, &parts.by)
        .await
        .map_err(failed)?;
    let printer = parts.invocation.printer;
    let named = select::given_ids(matches).len() as u64;
    if matches.get_flag("json") {
        printer.json(&json!({ "redriven": count }));
        return Ok(ExitStatus::SUCCESS);
    }
    printer.answer(&match count {
        1 => "1 job gets new attempts".to_owned(),
        count => format!("{count} jobs get new attempts"),
    });
    if count < named {
        printer.message(
            "the others are not dead, or are gone, or another job holds their unique key: `jobs show ID` says which",
        );
    } else if count == u64::from(limit) {
        printer.message(&format!("there may be more: `--limit {limit}` was reached"));
    }
    Ok(ExitStatus::SUCCESS)
}

async fn discard(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let mut filter = dead(matches);
    let age = matches
        .get_one::<atlas_config::Duration>("older-than")
        .map(|it| it.get());
    if let Some(age) = age {
        let now = parts.store.now().await.map_err(failed)?;
        filter.finished_before = Some(atlas_jobs::clock::earlier(now, age));
    }
    parts.consent(matches, &question(parts, &filter, age).await?)?;
    let mut total = 0;
    loop {
        let count = parts
            .store
            .discard(&filter, BATCH, &parts.by)
            .await
            .map_err(failed)?;
        total += count;
        if count < BATCH as u64 {
            break;
        }
    }
    let printer = parts.invocation.printer;
    match matches.get_flag("json") {
        true => printer.json(&json!({ "dropped": total })),
        false => printer.answer(&format!("dropped {total} dead {}", jobs(total))),
    }
    Ok(ExitStatus::SUCCESS)
}

fn jobs(count: u64) -> &'static str {
    if count == 1 { "job" } else { "jobs" }
}

/// What is about to go.
async fn question(
    parts: &Parts<'_>,
    filter: &Filter,
    age: Option<Duration>,
) -> Result<String, Failure> {
    /// More are not counted.
    const COUNTED: usize = 1000;
    let page = Page {
        after: None,
        limit: COUNTED,
    };
    let found = parts.store.list(filter, page).await.map_err(failed)?.len();
    let count = match found {
        COUNTED => format!("{COUNTED} dead jobs or more go"),
        1 => "1 dead job goes".to_owned(),
        found => format!("{found} dead jobs go"),
    };
    let older = age.map(|age| format!(", those older than {}", words::ago(age)));
    Ok(format!(
        "{count} for good, with every error{}.",
        older.unwrap_or_default()
    ))
}
