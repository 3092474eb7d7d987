//! `jobs stats`, `jobs pause` and `jobs resume`: the queues.

use atlas_core::ExitStatus;
use atlas_jobs::{State, store::Stats};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value, json};

use super::parts::{failed, refused};
use super::{Outcome, Parts, why, words};
use crate::service::cli;
use crate::service::failure::Failure;

pub(super) fn stats_command() -> Command {
    Command::new("stats")
        .about("Counts the jobs of every queue")
        .arg(
            Arg::new("all")
                .long("all")
                .action(ArgAction::SetTrue)
                .help("Counts finished ones too, which takes time where many are kept"),
        )
        .arg(cli::json())
}

pub(super) async fn stats(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let all = matches.get_flag("all");
    let stats = parts.store.stats(all).await.map_err(failed)?;
    let printer = parts.invocation.printer;
    match matches.get_flag("json") {
        true => printer.json(&as_json(&stats, parts.store.name())),
        false if stats.queues.is_empty() => printer.message("no jobs"),
        false if all => printer.table(ALL, &rows(&stats)),
        false => printer.table(LIVE, &rows(&stats)),
    }
    Ok(ExitStatus::SUCCESS)
}

const ALL: [&str; 9] = [
    "QUEUE",
    "SCHEDULED",
    "AVAILABLE",
    "RUNNING",
    "COMPLETED",
    "CANCELLED",
    "DEAD",
    "OLDEST",
    "",
];
/// The head of the table of what is not finished.
pub(super) const LIVE: [&str; 6] = ["QUEUE", "SCHEDULED", "AVAILABLE", "RUNNING", "OLDEST", ""];

/// A line a queue: its name, the first states, how long its oldest job waits, whether it is paused.
pub(super) fn rows<const N: usize>(stats: &Stats) -> Vec<[String; N]> {
    let line = |(name, queue): (&String, &atlas_jobs::store::QueueStats)| {
        std::array::from_fn(|column| match column {
            0 => name.clone(),
            _ if column == N - 2 => queue.oldest.map(words::ago).unwrap_or_default(),
            _ if column == N - 1 => if queue.paused { "paused" } else { "" }.to_owned(),
            _ => {
                let count = queue.jobs.get(&State::ALL[column - 1]);
                count.copied().unwrap_or_default().to_string()
            }
        })
    };
    stats.queues.iter().map(line).collect()
}

/// The numbers as JSON.
pub(super) fn as_json(stats: &Stats, store: &str) -> Value {
    let queues: Map<String, Value> = stats
        .queues
        .iter()
        .map(|(name, queue)| {
            let jobs: Map<String, Value> = queue
                .jobs
                .iter()
                .map(|(state, count)| (state.name().to_owned(), (*count).into()))
                .collect();
            let oldest = queue
                .oldest
                .map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX));
            let value = json!({ "jobs": jobs, "oldest_ms": oldest, "paused": queue.paused });
            (name.clone(), value)
        })
        .collect();
    json!({ "store": store, "now": stats.now.to_rfc3339(), "queues": queues })
}

pub(super) fn pause_command() -> Command {
    verb(
        "pause",
        "Gives nothing of a queue any more, to any worker of the cluster; what runs goes on",
    )
}

pub(super) fn resume_command() -> Command {
    verb("resume", "Gives jobs of a queue again")
}

fn verb(name: &'static str, about: &'static str) -> Command {
    Command::new(name)
        .about(about)
        .arg(
            Arg::new("queue")
                .value_name("QUEUE")
                .required(true)
                .action(ArgAction::Append)
                .help("The queues"),
        )
        .arg(why())
        .arg(
            Arg::new("unknown")
                .long("unknown")
                .action(ArgAction::SetTrue)
                .help("Takes a queue that neither the configuration nor the store knows"),
        )
        .arg(cli::json())
}

pub(super) async fn pause(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let act = async |queue: &str| parts.store.pause(queue, &parts.by).await;
    each(parts, matches, act, "is paused").await
}

pub(super) async fn resume(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let act = async |queue: &str| parts.store.resume(queue, &parts.by).await;
    each(parts, matches, act, "gives jobs again").await
}

async fn each(
    parts: &Parts<'_>,
    matches: &ArgMatches,
    act: impl AsyncFn(&str) -> atlas_jobs::Result<()>,
    told: &str,
) -> Outcome {
    let queues: Vec<&String> = matches.get_many("queue").into_iter().flatten().collect();
    if !matches.get_flag("unknown") {
        for queue in &queues {
            known(parts, queue, "--unknown").await?;
        }
    }
    let printer = parts.invocation.printer;
    for queue in &queues {
        act(queue).await.map_err(failed)?;
        if !matches.get_flag("json") {
            printer.answer(&format!("`{queue}` {told}"));
        }
    }
    if matches.get_flag("json") {
        printer.json(&json!({ "queues": queues }));
    }
    Ok(ExitStatus::SUCCESS)
}

/// Refuses a queue that neither a worker of this configuration nor any job knows: a misspelt one.
pub(super) async fn known(parts: &Parts<'_>, queue: &str, way_out: &str) -> Result<(), Failure> {
    if parts.config.queues.contains_key(queue) {
        return Ok(());
    }
    let stats = parts.store.stats(false).await.map_err(failed)?;
    if stats.queues.contains_key(queue) {
        return Ok(());
    }
    let known: Vec<&str> = parts
        .config
        .queues
        .keys()
        .chain(
            stats
                .queues
                .keys()
                .filter(|it| !parts.config.queues.contains_key(*it)),
        )
        .map(String::as_str)
        .collect();
    let failure = refused(format!(
        "no worker takes from a queue `{queue}`, and no job is in it"
    ));
    let failure = match atlas_schema::closest(queue, known.iter().copied()) {
        Some(near) => failure.help(&format!("did you mean `{near}`?")),
        None => failure.help(&format!("the queues: {}", known.join(", "))),
    };
    Err(failure.help(&format!(
        "if it is meant, say `{way_out}`, or give it a weight in `jobs.queues`"
    )))
}
