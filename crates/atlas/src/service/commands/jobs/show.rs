//! `jobs show`: one job with all that is known of it.

use std::fmt::Write as _;

use atlas_core::ExitStatus;
use atlas_jobs::{Error, Failure, JobRecord, store::Audit};
use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::parts::failed;
use super::{Outcome, Parts, select, words};
use crate::service::cli;

pub(super) fn command() -> Command {
    Command::new("show")
        .about("Shows a job: what it says, where it is, every error, what was done to it")
        .arg(select::ids(true, "Its name").action(clap::ArgAction::Set))
        .arg(cli::json())
}

pub(super) async fn run(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let id = select::given_ids(matches)[0];
    let found = parts.store.find(id).await.map_err(failed)?;
    let job = found.ok_or_else(|| failed(Error::NoSuchJob(id)))?;
    let failures = parts.store.failures(id).await.map_err(failed)?;
    let subject = id.to_string();
    let audits = parts.store.audits(Some(&subject), 100);
    let audits = audits.await.map_err(failed)?;
    let printer = parts.invocation.printer;
    if matches.get_flag("json") {
        let failures: Vec<Value> = failures.iter().map(words::failure).collect();
        let mut answer = words::job(&job);
        answer["failures"] = failures.into();
        answer["audit"] = json!(audits);
        printer.json(&answer);
    } else {
        printer.answer(&told(&job, &failures, &audits));
    }
    Ok(ExitStatus::SUCCESS)
}

fn told(job: &JobRecord, failures: &[Failure], audits: &[Audit]) -> String {
    let state = match job.reason {
        Some(reason) => format!("{}, {reason}", job.state),
        None if job.cancel_requested => format!("{}, called off", job.state),
        None => job.state.to_string(),
    };
    let time = |time: Option<atlas_jobs::Time>| time.map(words::moment);
    let count = |count: u32| Some(count.to_string()).filter(|_| count > 0);
    let limit = job.limit.as_ref();
    let lines = [
        ("id", Some(job.id.to_string())),
        ("kind", Some(job.kind.clone())),
        ("queue", Some(job.queue.clone())),
        ("state", Some(state)),
        (
            "attempt",
            Some(format!("{} of {}", job.attempt, job.max_attempts)),
        ),
        ("crashes", count(job.crashes)),
        ("snoozes", count(job.snoozes)),
        ("priority", Some(job.priority.level().to_string())),
        ("enqueued", Some(words::moment(job.created_at))),
        ("runs", Some(words::moment(job.run_at))),
        ("started", time(job.started_at)),
        ("finished", time(job.finished_at)),
        ("lease until", time(job.lease_until)),
        ("expires", time(job.expires_at)),
        ("worker", job.worker.clone()),
        ("timeout", job.timeout.map(words::ago)),
        ("progress", job.progress.clone()),
        ("unique", job.unique_key.clone()),
        (
            "limit",
            limit.map(|it| format!("{} at a time of `{}`", it.max(), it.name())),
        ),
        ("for", job.actor.clone()),
        ("schedule", job.schedule.clone()),
        ("trace", job.trace.clone()),
    ];
    let mut text = String::new();
    for (name, value) in lines {
        if let Some(value) = value {
            // writing to a String cannot fail, here and below
            let _ = writeln!(text, "{name:<12}{value}");
        }
    }
    let payload = words::json_of_payload(&job.payload);
    let _ = writeln!(text, "\npayload\n{}", indented(&format!("{payload:#}")));
    for it in failures {
        let kind = it.kind.name();
        let worker = it.worker.as_deref().unwrap_or("nobody");
        let (at, attempt) = (words::moment(it.at), it.attempt);
        let _ = writeln!(text, "\nattempt {attempt}, {at}, {kind}, on {worker}");
        let _ = writeln!(text, "{}", indented(&it.message));
        if let Some(backtrace) = &it.backtrace {
            let _ = writeln!(text, "{}", indented(backtrace));
        }
    }
    if !audits.is_empty() {
        text.push_str("\nby hand\n");
    }
    for it in audits {
        let detail = it.detail.as_deref().unwrap_or_default();
        let line = format!(
            "  {}  {}  {}  {detail}",
            words::moment(it.at),
            it.actor,
            it.action
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("  {line}"));
    lines.collect::<Vec<_>>().join("\n")
}
