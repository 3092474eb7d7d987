//! Which jobs are meant, on the command line.

use atlas_config::Duration;
use atlas_jobs::{
    JobId, Reason, State,
    store::{Filter, Page},
};
use clap::{Arg, ArgAction, ArgMatches, value_parser};

use super::parts::refused;
use crate::service::failure::Failure;

/// `--queue`, `--kind` and `--schedule`.
pub(super) fn filters() -> [Arg; 3] {
    let named = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    [
        named("queue", "QUEUE", "Those in this queue"),
        named(
            "kind",
            "KIND",
            "Those of this kind, whatever the version of its payload",
        ),
        named("schedule", "NAME", "Those that this schedule enqueued"),
    ]
}

/// `--reason`, for dead ones.
pub(super) fn reason() -> Arg {
    Arg::new("reason")
        .long("reason")
        .value_name("REASON")
        .value_parser(Reason::ALL.map(Reason::name))
        .help("Those that are dead for this reason")
}

/// `--state`, which may be said several times.
pub(super) fn state(states: &[State], help: &'static str) -> Arg {
    let names: Vec<&str> = states.iter().map(|state| state.name()).collect();
    Arg::new("state")
        .long("state")
        .value_name("STATE")
        .action(ArgAction::Append)
        .value_delimiter(',')
        .value_parser(names)
        .help(help)
}

/// `--limit` and `--after`.
pub(super) fn page() -> [Arg; 2] {
    [
        Arg::new("limit")
            .long("limit")
            .value_name("COUNT")
            .value_parser(value_parser!(u32).range(1..=10_000))
            .default_value("50")
            .help("At most so many"),
        Arg::new("after")
            .long("after")
            .value_name("ID")
            .value_parser(id_of)
            .help("Goes on behind this one, which was the last of a page"),
    ]
}

/// The names of jobs.
pub(super) fn ids(required: bool, help: &'static str) -> Arg {
    Arg::new("id")
        .value_name("ID")
        .action(ArgAction::Append)
        .required(required)
        .value_parser(id_of)
        .help(help)
}

/// `--older-than`.
pub(super) fn older_than(help: &'static str) -> Arg {
    Arg::new("older-than")
        .long("older-than")
        .value_name("TIME")
        .value_parser(value_parser!(Duration))
        .help(help)
}

fn id_of(text: &str) -> Result<JobId, String> {
    text.parse().map_err(|_| {
        "the id of a job is a UUID, such as `0197c1f2-5b0e-7cc3-98c4-dc0c0c07398f`".to_owned()
    })
}

/// The text of an option, if it is one of this command and was given.
pub(super) fn text<'a>(matches: &'a ArgMatches, name: &str) -> Option<&'a str> {
    let found = matches.try_get_one::<String>(name).ok().flatten();
    found.map(String::as_str)
}

/// The names of jobs that were given.
pub(super) fn given_ids(matches: &ArgMatches) -> Vec<JobId> {
    let ids = matches.try_get_many::<JobId>("id").ok().flatten();
    ids.into_iter().flatten().copied().collect()
}

/// The filter that was asked for; what a command has no option for is not restricted.
pub(super) fn filter(matches: &ArgMatches) -> Filter {
    let ids = given_ids(matches);
    let states = matches.try_get_many::<String>("state").ok().flatten();
    let states = states.into_iter().flatten();
    Filter {
        ids: Some(ids).filter(|ids| !ids.is_empty()),
        queue: text(matches, "queue").map(str::to_owned),
        kind: text(matches, "kind").map(str::to_owned),
        states: states.filter_map(|state| state.parse().ok()).collect(),
        reason: text(matches, "reason").and_then(Reason::of_name),
        schedule: text(matches, "schedule").map(str::to_owned),
        finished_before: None,
    }
}

/// Says whether a filter restricts what is dead at all.
pub(super) fn is_everything(filter: &Filter) -> bool {
    let Filter {
        ids,
        queue,
        kind,
        states: _,
        reason,
        schedule,
        finished_before,
    } = filter;
    ids.is_none()
        && queue.is_none()
        && kind.is_none()
        && reason.is_none()
        && schedule.is_none()
        && finished_before.is_none()
}

/// The part of the list that was asked for.
pub(super) fn given_page(matches: &ArgMatches) -> Page {
    let limit = matches.get_one::<u32>("limit").copied().unwrap_or(50);
    Page {
        after: matches.get_one::<JobId>("after").copied(),
        limit: limit as usize,
    }
}

/// What `jobs enqueue` and its likes take as a payload: JSON, `@FILE` or `-` for standard input.
pub(in super::super) fn payload(given: &str) -> Result<Vec<u8>, Failure> {
    let (text, place) = match (given, given.strip_prefix('@')) {
        ("-", _) => (
            std::io::read_to_string(std::io::stdin()),
            "standard input".to_owned(),
        ),
        (_, Some(path)) => (std::fs::read_to_string(path), format!("`{path}`")),
        _ => (Ok(given.to_owned()), "PAYLOAD".to_owned()),
    };
    let text = text.map_err(|error| refused(format!("cannot read {place}: {error}")))?;
    match serde_json::from_str::<serde_json::Value>(&text) {
        // the bytes as they were written: a number may have more digits than any type holds
        Ok(_) => Ok(text.trim().as_bytes().to_vec()),
        Err(error) => Err(refused(format!("the payload is no JSON: {error}\n  --> {place}"))
            .help("in a shell, put it between single quotes: '{\"order\": 7}'; or read it from a file: `@payload.json`")),
    }
}
