//! `jobs retry`, `jobs cancel` and `jobs prune`.

use std::time::Duration;

use atlas_core::ExitStatus;
use atlas_jobs::{JobId, Result as JobsResult, State};
use clap::{ArgMatches, Command};
use serde_json::json;

use super::parts::failed;
use super::{Outcome, Parts, select, why, words, yes};
use crate::service::cli;

/// How many jobs one call of the store drops.
const BATCH: usize = 1000;

pub(super) fn retry_command() -> Command {
    Command::new("retry")
        .about("Makes jobs available at once: those that wait, and those that are cancelled or dead, with new attempts")
        .arg(select::ids(true, "Their names"))
        .arg(why())
        .arg(cli::json())
}

pub(super) fn cancel_command() -> Command {
    Command::new("cancel")
        .about("Calls jobs off; the handler of one that runs is told within a second")
        .arg(select::ids(true, "Their names"))
        .arg(why())
        .arg(cli::json())
}

pub(super) async fn retry(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    each(
        parts,
        matches,
        async |id| parts.store.retry(id, &parts.by).await,
        |before| match before {
            State::Scheduled => "does not wait any more",
            State::Cancelled | State::Dead => "is available, with new attempts",
            State::Available => "was available already",
            State::Running => "is running, and is left as it is",
            State::Completed => "is completed, and is left as it is",
        },
    )
    .await
}

pub(super) async fn cancel(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    each(
        parts,
        matches,
        async |id| parts.store.cancel(id, &parts.by).await,
        |before| match before {
            State::Scheduled | State::Available => "is cancelled",
            State::Running => "is running; its handler is told",
            State::Completed => "is completed, and is left as it is",
            State::Cancelled => "was cancelled already",
            State::Dead => "is dead, and is left as it is",
        },
    )
    .await
}

/// Does something to every job that was named. One that cannot be had does not keep the others from it.
async fn each(
    parts: &Parts<'_>,
    matches: &ArgMatches,
    act: impl AsyncFn(JobId) -> JobsResult<State>,
    told: impl Fn(State) -> &'static str,
) -> Outcome {
    let printer = parts.invocation.printer;
    let (mut done, mut failure) = (Vec::new(), None);
    for id in select::given_ids(matches) {
        match act(id).await {
            Ok(before) => done.push((id, before)),
            Err(error) => {
                if let Some(earlier) = failure.replace(failed(error)) {
                    printer.failure(&earlier.to_string());
                }
            }
        }
    }
    if matches.get_flag("json") {
        let jobs: Vec<_> = done
            .iter()
            .map(|(id, was)| json!({ "id": id, "was": was }))
            .collect();
        printer.json(&json!({ "jobs": jobs }));
    } else {
        for (id, before) in done {
            printer.answer(&format!("{id} {}", told(before)));
        }
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(ExitStatus::SUCCESS),
    }
}

pub(super) fn prune_command() -> Command {
    let terminal = [State::Completed, State::Cancelled, State::Dead];
    Command::new("prune")
        .about("Drops finished jobs that are older than the configuration keeps them, as workers do by themselves")
        .arg(select::state(&terminal, "Only those in this state; may be repeated"))
        .arg(select::older_than("Older than this, instead of what the configuration says; asks first"))
        .arg(yes())
        .arg(why())
        .arg(cli::json())
}

pub(super) async fn prune(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let mut states = select::filter(matches).states;
    if states.is_empty() {
        states = vec![State::Completed, State::Cancelled, State::Dead];
    }
    let age = matches
        .get_one::<atlas_config::Duration>("older-than")
        .map(|it| it.get());
    if let Some(age) = age {
        let names: Vec<&str> = states.iter().map(|state| state.name()).collect();
        let question = format!(
            "Jobs that are {} for more than {} go, with their errors.",
            names.join(" or "),
            words::ago(age)
        );
        parts.consent(matches, &question)?;
    }
    let mut dropped = Vec::new();
    for state in states {
        let kept = match state {
            State::Completed => parts.config.keep_completed,
            State::Cancelled => parts.config.keep_cancelled,
            _ => parts.config.keep_dead,
        };
        dropped.push((
            state,
            drop_older(parts, state, age.unwrap_or(kept.get())).await?,
        ));
    }
    let total: u64 = dropped.iter().map(|(_, count)| count).sum();
    if age.is_some() {
        let counts: Vec<String> = dropped
            .iter()
            .map(|(state, count)| format!("{count} {state}"))
            .collect();
        let detail = counts.join(", ");
        let line = parts.store.audit(&parts.by, "prune", "jobs", Some(&detail));
        line.await.map_err(failed)?;
    }
    let printer = parts.invocation.printer;
    if matches.get_flag("json") {
        let states: serde_json::Map<_, _> = dropped
            .iter()
            .map(|(state, count)| (state.name().to_owned(), (*count).into()))
            .collect();
        printer.json(&json!({ "dropped": total, "states": states }));
    } else if total == 0 {
        printer.answer("nothing was old enough");
    } else {
        for (state, count) in dropped {
            printer.answer(&format!("dropped {count} {state}"));
        }
    }
    Ok(ExitStatus::SUCCESS)
}

async fn drop_older(
    parts: &Parts<'_>,
    state: State,
    age: Duration,
) -> Result<u64, crate::service::failure::Failure> {
    let mut total = 0;
    loop {
        let count = parts.store.prune(state, age, BATCH).await.map_err(failed)?;
        total += count;
        if count < BATCH as u64 {
            return Ok(total);
        }
    }
}
