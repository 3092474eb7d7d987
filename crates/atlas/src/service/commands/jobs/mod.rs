//! `jobs …`: the queue, as operators see it and change it.

mod change;
mod dead;
mod enqueue;
mod list;
mod parts;
mod queue;
mod select;
mod show;
mod top;
mod words;

use clap::{ArgMatches, Command};

use super::Outcome;
use crate::service::invocation::Invocation;

pub(super) use self::enqueue::known_kind;
pub(super) use self::parts::{Parts, failed, refused, why, yes};
pub(super) use self::select::payload;
pub(super) use self::words::{json_of_payload, moment};

pub(super) fn command() -> Command {
    Command::new("jobs")
        .about("Shows and changes background jobs, queues and dead letters")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(list::command())
        .subcommand(show::command())
        .subcommand(enqueue::command())
        .subcommand(change::retry_command())
        .subcommand(change::cancel_command())
        .subcommand(queue::stats_command())
        .subcommand(top::command())
        .subcommand(queue::pause_command())
        .subcommand(queue::resume_command())
        .subcommand(change::prune_command())
        .subcommand(list::audit_command())
        .subcommand(dead::command())
        .after_help(
            "Examples:\n  jobs list --state running                 what is running\n  \
             jobs enqueue send_receipt '{\"order\": 7}'  one more, now\n  \
             jobs top                                  the queues, again and again\n  \
             jobs dead redrive --kind send_receipt     dead ones get new attempts",
        )
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let Some((name, matches)) = matches.subcommand() else {
        return Err(refused("say what to do"));
    };
    let parts = Parts::of(invocation, matches).await?;
    match name {
        "list" => list::run(&parts, matches).await,
        "show" => show::run(&parts, matches).await,
        "enqueue" => enqueue::run(&parts, matches).await,
        "retry" => change::retry(&parts, matches).await,
        "cancel" => change::cancel(&parts, matches).await,
        "stats" => queue::stats(&parts, matches).await,
        "top" => top::run(&parts, matches).await,
        "pause" => queue::pause(&parts, matches).await,
        "resume" => queue::resume(&parts, matches).await,
        "prune" => change::prune(&parts, matches).await,
        "audit" => list::audit(&parts, matches).await,
        "dead" => dead::run(&parts, matches).await,
        other => Err(refused(format!("there is no command `jobs {other}`"))),
    }
}
