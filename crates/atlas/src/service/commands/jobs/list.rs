//! `jobs list` and `jobs audit`.

use atlas_core::ExitStatus;
use atlas_jobs::State;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

use super::parts::failed;
use super::{Outcome, Parts, select, words};
use crate::service::cli;

pub(super) fn command() -> Command {
    Command::new("list")
        .about("Lists jobs, the newest first")
        .arg(select::state(
            &State::ALL,
            "Those in this state; may be repeated",
        ))
        .args(select::filters())
        .arg(select::reason())
        .args(select::page())
        .arg(cli::json())
}

pub(super) async fn run(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    show(parts, matches, select::filter(matches)).await
}

/// Prints the jobs that a filter meets.
pub(super) async fn show(
    parts: &Parts<'_>,
    matches: &ArgMatches,
    filter: atlas_jobs::store::Filter,
) -> Outcome {
    let page = select::given_page(matches);
    let jobs = parts.store.list(&filter, page).await.map_err(failed)?;
    let printer = parts.invocation.printer;
    // a full page may have more behind it
    let next = jobs.last().filter(|_| jobs.len() == page.limit);
    if matches.get_flag("json") {
        let all: Vec<Value> = jobs.iter().map(words::job).collect();
        printer.json(&json!({ "jobs": all, "next": next.map(|job| job.id) }));
        return Ok(ExitStatus::SUCCESS);
    }
    if jobs.is_empty() {
        printer.message("no jobs");
        return Ok(ExitStatus::SUCCESS);
    }
    let now = parts.store.now().await.map_err(failed)?;
    let rows: Vec<[String; 6]> = jobs
        .iter()
        .map(|job| {
            let state = match job.reason {
                Some(reason) => format!("{}, {reason}", job.state),
                None => job.state.to_string(),
            };
            let attempts = format!("{}/{}", job.attempt, job.max_attempts);
            let (id, kind, queue) = (job.id.to_string(), job.kind.clone(), job.queue.clone());
            [id, kind, queue, state, attempts, words::when(job, now)]
        })
        .collect();
    printer.table(["ID", "KIND", "QUEUE", "STATE", "ATTEMPT", "WHEN"], &rows);
    if let Some(job) = next {
        printer.message(&format!("there may be more: `--after {}`", job.id));
    }
    Ok(ExitStatus::SUCCESS)
}

pub(super) fn audit_command() -> Command {
    Command::new("audit")
        .about("Lists what was done to jobs, queues and schedules, the newest first")
        .arg(
            Arg::new("subject")
                .value_name("SUBJECT")
                .help("What was done to this one alone: an id, a queue, a schedule"),
        )
        .arg(select::page()[0].clone())
        .arg(cli::json())
}

pub(super) async fn audit(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let limit = matches.get_one::<u32>("limit").copied().unwrap_or(50);
    let subject = select::text(matches, "subject");
    let lines = parts.store.audits(subject, limit as usize);
    let lines = lines.await.map_err(failed)?;
    let printer = parts.invocation.printer;
    if matches.get_flag("json") {
        printer.json(&json!({ "audit": lines }));
    } else if lines.is_empty() {
        printer.message("nothing was done by hand");
    } else {
        let rows: Vec<[String; 5]> = lines
            .into_iter()
            .map(|it| {
                let detail = it.detail.unwrap_or_default();
                [
                    words::moment(it.at),
                    it.actor,
                    it.action,
                    it.subject,
                    detail,
                ]
            })
            .collect();
        printer.table(["WHEN", "WHO", "WHAT", "TO", "DETAIL"], &rows);
    }
    Ok(ExitStatus::SUCCESS)
}
