//! `jobs enqueue`: one more job, by hand.

use atlas_config::Duration;
use atlas_core::ExitStatus;
use atlas_jobs::{DEFAULT_QUEUE, JobId, Options, Priority, Time, store::Enqueued};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::json;

use super::parts::refused;
use super::{Outcome, Parts, queue, select};
use crate::service::cli;
use crate::service::failure::Failure;

pub(super) fn command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("enqueue")
        .about("Enqueues a job")
        .arg(
            Arg::new("kind")
                .value_name("KIND")
                .required(true)
                .help("Its kind: `send_receipt`"),
        )
        .arg(payload_argument(
            "What it says: JSON, `@FILE`, or `-` for standard input",
        ))
        .arg(option("queue", "QUEUE", "The queue; `default` otherwise"))
        .arg(
            option("priority", "LEVEL", "From 0, the most urgent, to 9")
                .value_parser(value_parser!(u8).range(0..=9)),
        )
        .arg(
            option("in", "TIME", "After this time: `5m`")
                .value_parser(value_parser!(Duration))
                .allow_hyphen_values(true)
                .conflicts_with("at"),
        )
        .arg(option("at", "MOMENT", "At this moment: `2026-12-24T18:00:00Z`").value_parser(moment))
        .arg(
            option("max-attempts", "COUNT", "How often it may be attempted")
                .value_parser(value_parser!(u32).range(1..=1000)),
        )
        .arg(
            option(
                "id",
                "ID",
                "Its name, so that to say it twice enqueues it once",
            )
            .value_parser(|text: &str| {
                text.parse::<JobId>()
                    .map_err(|_| "the id of a job is a UUID")
            }),
        )
        .arg(
            Arg::new("unknown")
                .long("unknown")
                .action(ArgAction::SetTrue)
                .help("Takes a kind or a queue that this build does not know; another one may"),
        )
        .arg(cli::json())
}

/// `PAYLOAD`.
pub(super) fn payload_argument(help: &'static str) -> Arg {
    Arg::new("payload")
        .value_name("PAYLOAD")
        .default_value("{}")
        .help(help)
}

fn moment(text: &str) -> Result<Time, String> {
    text.parse().map_err(|_| {
        "write a moment as `2026-12-24T18:00:00Z`, or with an offset: `…+01:00`".to_owned()
    })
}

pub(super) async fn run(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let kind = select::text(matches, "kind").unwrap_or_default();
    let payload = select::payload(select::text(matches, "payload").unwrap_or_default())?;
    let queue = select::text(matches, "queue").unwrap_or(DEFAULT_QUEUE);
    if !matches.get_flag("unknown") {
        known_kind(parts, kind)?;
        queue::known(parts, queue, "--unknown").await?;
    }
    let mut options = Options::new().queue(queue);
    if let Some(attempts) = matches.get_one::<u32>("max-attempts") {
        options = options.max_attempts(*attempts);
    }
    if let Some(level) = matches.get_one::<u8>("priority") {
        options = options.priority(Priority::new(*level));
    }
    let mut job = parts.jobs.enqueue_raw(kind, payload).options(options);
    if let Some(wait) = matches.get_one::<Duration>("in") {
        job = job.after(wait.get());
    }
    if let Some(moment) = matches.get_one::<Time>("at") {
        job = job.at(*moment);
    }
    if let Some(id) = matches.get_one::<JobId>("id") {
        job = job.id(*id);
    }
    let it = parts.acting(job).await?;
    let printer = parts.invocation.printer;
    let id = it.id();
    match (matches.get_flag("json"), it) {
        (true, _) => printer.json(&json!({ "id": id, "new": it.is_new() })),
        (false, Enqueued::New(id, state)) => printer.answer(&format!("{id} is {state}")),
        (false, _) => printer.answer(&format!("{id} is there already, and is left as it is")),
    }
    Ok(ExitStatus::SUCCESS)
}

/// Refuses a kind that no handler of this build takes.
pub(in super::super) fn known_kind(parts: &Parts<'_>, kind: &str) -> Result<(), Failure> {
    let kinds = &parts.kinds;
    // the version of the payload may be an older one
    let plain = kind.split('@').next().unwrap_or(kind);
    if kinds.iter().any(|known| known == plain) {
        return Ok(());
    }
    let failure = refused(format!(
        "no handler of this build takes jobs of the kind `{kind}`"
    ));
    let near = atlas_schema::closest(plain, kinds.iter().map(String::as_str));
    let failure = match (near, kinds.as_slice()) {
        (Some(near), _) => failure.help(&format!("did you mean `{near}`?")),
        (None, []) => failure.help("it has no handlers at all"),
        (None, all) => failure.help(&format!("its kinds: {}", all.join(", "))),
    };
    Err(failure.help("if another build takes it, say `--unknown`"))
}
