//! `migrate fix`: what only a person can settle.

use atlas_core::ExitStatus;
use atlas_db::migration::Settled;
use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use super::{Outcome, Parts, flag};
use crate::service::cli;
use crate::service::failure::Failure;

pub(super) fn command() -> Command {
    Command::new("fix")
        .about("Settles what stops `migrate`: a dirty migration, or one that was changed")
        .long_about(
            "Settles what stops `migrate`: a dirty migration, or one that was changed.\n\n\
             `atlas migrate fix`, without a flag and inside the service's folder, numbers pending migrations after those \
             that were applied already.",
        )
        .arg(
            Arg::new("dirty")
                .long("dirty")
                .num_args(2)
                .value_names(["NAME", "STATE"])
                .help("Says what a dirty migration is: `applied` (all of it is done) or `pending` (nothing is left of it)"),
        )
        .arg(
            flag(
                "checksums",
                "Takes the migrations of the code for those that were applied",
            )
            .conflicts_with("dirty"),
        )
        .arg(cli::json())
}

pub(super) async fn run(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let dirty: Vec<&String> = matches.get_many("dirty").into_iter().flatten().collect();
    let (names, what) = if let [name, state] = dirty.as_slice() {
        let state = match state.as_str() {
            "applied" => Settled::Applied,
            "pending" => Settled::Pending,
            other => {
                return Err(Failure::new(format!("`{other}` is no state of a migration"))
                    .help("say `applied` when all of it is done, `pending` when nothing of it is left")
                    .exit(2));
            }
        };
        let what = match state {
            Settled::Applied => "applied",
            Settled::Pending => "pending",
        };
        (vec![parts.migrations.settle(name, state).await?], what)
    } else if matches.get_flag("checksums") {
        (parts.migrations.accept_checksums().await?, "accepted")
    } else {
        return order(parts, matches).await;
    };
    let printer = parts.invocation.printer;
    if matches.get_flag("json") {
        printer.json(&json!({ "fixed": names, "as": what }));
    } else if names.is_empty() {
        printer.answer("nothing to fix: no migration was changed");
    } else {
        let lines: Vec<String> = names
            .iter()
            .map(|name| format!("{what} {name}\n"))
            .collect();
        printer.answer(&lines.concat());
    }
    Ok(ExitStatus::SUCCESS)
}

/// Says which migrations are out of order; their files are not where this binary runs.
async fn order(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let all = parts.migrations.status().await?;
    let late: Vec<&str> = all
        .iter()
        .filter(|it| it.out_of_order)
        .map(|it| it.name.as_str())
        .collect();
    let printer = parts.invocation.printer;
    if matches.get_flag("json") {
        printer.json(&json!({ "out_of_order": late }));
        return Ok(ExitStatus::SUCCESS);
    }
    if late.is_empty() {
        printer.answer("nothing to fix: no pending migration comes before an applied one");
        return Ok(ExitStatus::SUCCESS);
    }
    Err(Failure::new(format!(
        "out of order: {}",
        late.iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    ))
    .help("number them after the others: `atlas migrate fix`, inside the service's folder"))
}
