//! `jobs top`: the queues and what runs, again and again.

use std::io::{IsTerminal, stdout};

use atlas_config::Duration;
use atlas_core::ExitStatus;
use atlas_jobs::{
    JobRecord, State,
    store::{Filter, Page},
};
use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use super::parts::{failed, refused};
use super::{Outcome, Parts, queue, words};
use crate::service::cli;
use crate::service::failure::Failure;
use crate::service::table;

/// To the upper left corner, with everything below it wiped.
const HOME: &str = "\x1b[H\x1b[J";
/// The whole screen wiped.
const CLEAR: &str = "\x1b[2J";
/// How many running jobs are shown.
const RUNNING: usize = 20;
/// The shortest pause between two looks: the store has other things to do.
const SHORTEST: std::time::Duration = std::time::Duration::from_millis(200);

pub(super) fn command() -> Command {
    Command::new("top")
        .about("Shows the queues and what runs, again and again on a terminal, once elsewhere")
        .arg(
            Arg::new("interval")
                .long("interval")
                .value_name("TIME")
                .value_parser(value_parser!(Duration))
                .default_value("1s")
                .help("How often; at least `200ms`"),
        )
        .arg(
            Arg::new("once")
                .long("once")
                .action(clap::ArgAction::SetTrue)
                .help("Once, on a terminal too"),
        )
        .arg(cli::json())
}

pub(super) async fn run(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let interval = matches
        .get_one::<Duration>("interval")
        .map_or(SHORTEST, |it| it.get());
    if interval < SHORTEST {
        return Err(
            refused("the queues cannot be looked at more often than every 200 ms")
                .help("for example `--interval 1s`"),
        );
    }
    let printer = parts.invocation.printer;
    let (stats, running) = look(parts).await?;
    if matches.get_flag("json") {
        let mut answer = queue::as_json(&stats, parts.store.name());
        answer["running"] = running
            .iter()
            .map(words::job)
            .collect::<Vec<Value>>()
            .into();
        printer.json(&json!(answer));
        return Ok(ExitStatus::SUCCESS);
    }
    if matches.get_flag("once") || !stdout().is_terminal() {
        printer.answer(&screen(&stats, &running));
        return Ok(ExitStatus::SUCCESS);
    }
    printer.answer(&format!("{CLEAR}{HOME}{}", screen(&stats, &running)));
    loop {
        tokio::select! {
            () = tokio::time::sleep(interval) => {}
            _ = tokio::signal::ctrl_c() => return Ok(ExitStatus::SUCCESS),
        }
        let (stats, running) = look(parts).await?;
        printer.answer(&format!("{HOME}{}", screen(&stats, &running)));
    }
}

async fn look(parts: &Parts<'_>) -> Result<(atlas_jobs::store::Stats, Vec<JobRecord>), Failure> {
    let stats = parts.store.stats(false).await.map_err(failed)?;
    let running = Filter {
        states: vec![State::Running],
        ..Filter::default()
    };
    let page = Page {
        after: None,
        limit: RUNNING,
    };
    let mut running = parts.store.list(&running, page).await.map_err(failed)?;
    running.sort_by_key(|job| job.started_at);
    Ok((stats, running))
}

fn screen(stats: &atlas_jobs::store::Stats, running: &[JobRecord]) -> String {
    let mut text = format!("{}\n\n", words::moment(stats.now));
    text.push_str(&table::align(queue::LIVE, &queue::rows(stats)));
    if running.is_empty() {
        text.push_str("\nnothing runs\n");
        return text;
    }
    let rows: Vec<[String; 6]> = running
        .iter()
        .map(|job| {
            let progress = job.progress.as_deref().map(|it| words::line(it, 40));
            [
                job.id.to_string(),
                job.kind.clone(),
                format!("{}/{}", job.attempt, job.max_attempts),
                words::when(job, stats.now),
                job.worker.clone().unwrap_or_default(),
                progress.unwrap_or_default(),
            ]
        })
        .collect();
    text.push('\n');
    text.push_str(&table::align(
        ["ID", "KIND", "ATTEMPT", "RUNS", "WORKER", "PROGRESS"],
        &rows,
    ));
    text
}
