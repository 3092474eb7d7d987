//! `migrate up|down|redo|to|rollback`: what leads somewhere.

use atlas_core::ExitStatus;
use atlas_db::migration::{Direction, Goal, MigrationRun, RunOptions};
use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::json;

use super::{Outcome, Parts, flag, migration, text};
use crate::service::cli;
use crate::service::failure::Failure;

pub(super) fn commands() -> [Command; 5] {
    let order = || {
        flag(
            "allow-out-of-order",
            "Applies migrations too that come before one that was applied already",
        )
    };
    let ends = |command: Command| command.arg(yes()).arg(cli::json());
    [
        ends(
            Command::new("up")
                .about("Applies every pending migration, as one group")
                .arg(migration("to", "The last one to apply"))
                .arg(order()),
        ),
        ends(
            Command::new("down")
                .about("Takes back what was applied last")
                .arg(steps("How many migrations"))
                .arg(
                    migration("to", "Takes back what comes after this one instead")
                        .conflicts_with("steps"),
                ),
        ),
        ends(
            Command::new("redo")
                .about("Takes back what was applied last and applies it again")
                .arg(steps("How many migrations")),
        ),
        ends(
            Command::new("to")
                .about("Applies or takes back until this migration is the last one applied")
                .arg(
                    Arg::new("name")
                        .value_name("NAME")
                        .required(true)
                        .help("Its name, or the end of it: `create_teas`"),
                )
                .arg(order()),
        ),
        ends(
            Command::new("rollback").about("Takes back the last group: what one `up` has applied"),
        ),
    ]
}

fn yes() -> Arg {
    flag(
        "yes",
        "Agrees to lose rows or values, which production asks about",
    )
}

pub(super) fn steps(help: &'static str) -> Arg {
    Arg::new("steps")
        .value_name("STEPS")
        .value_parser(value_parser!(u16).range(1..))
        .default_value("1")
        .help(help)
}

fn count(matches: &ArgMatches) -> usize {
    usize::from(matches.get_one::<u16>("steps").copied().unwrap_or(1))
}

pub(super) async fn run(parts: &Parts<'_>, command: &str, matches: &ArgMatches) -> Outcome {
    let named = |name| text(matches, name).map(str::to_owned);
    let (goal, nothing) = match command {
        "up" => (
            named("to").map_or(Goal::Latest, Goal::UpTo),
            "nothing to apply: the schema is up to date",
        ),
        "down" => (
            named("to").map_or_else(|| Goal::Back(count(matches)), Goal::BackTo),
            "nothing to take back: no migration is applied",
        ),
        "redo" => (
            Goal::Redo(count(matches)),
            "nothing to take back: no migration is applied",
        ),
        "to" => (
            Goal::At(named("name").unwrap_or_default()),
            "nothing to do: it is the last one applied",
        ),
        _ => (
            Goal::Rollback,
            "nothing to take back: no migration is applied",
        ),
    };
    let out_of_order = matches!(command, "up" | "to") && matches.get_flag("allow-out-of-order");
    let agreed = matches.get_flag("yes") || consent(parts, &goal).await?;
    let options = RunOptions::new()
        .allow_out_of_order(out_of_order)
        .refuse_destructive(parts.profile.is_production() && !agreed);
    let runs = parts.migrations.run(&goal, options).await?;
    let printer = parts.invocation.printer;
    if matches.get_flag("json") {
        let names = |direction| -> Vec<&str> {
            let those = runs.iter().filter(|run| run.direction == direction);
            those.map(|run| run.name.as_str()).collect()
        };
        let (applied, reverted) = (names(Direction::Up), names(Direction::Down));
        printer.json(&json!({ "applied": applied, "reverted": reverted, "runs": runs }));
    } else {
        printer.answer(&told(&runs, nothing));
    }
    Ok(ExitStatus::SUCCESS)
}

/// Asks, in production and on a terminal, whether what would be lost may be lost. Where nobody can answer, the run refuses.
async fn consent(parts: &Parts<'_>, goal: &Goal) -> Result<bool, Failure> {
    if !parts.profile.is_production() {
        return Ok(true);
    }
    let plan = parts.migrations.plan(goal).await?;
    let losses: Vec<String> = plan
        .destructive()
        .map(|(name, warning)| format!("  {name}: {}\n", warning.message))
        .collect();
    if losses.is_empty() {
        return Ok(true);
    }
    let question = format!(
        "This cannot be had back:\n{}Go on, in production? [y/N] ",
        losses.concat()
    );
    match parts.invocation.printer.ask(&question) {
        None => Ok(false),
        Some(answer) if ["y", "yes"].contains(&answer.to_ascii_lowercase().as_str()) => Ok(true),
        Some(_) => Err(Failure::new("nothing was changed")),
    }
}

fn told(runs: &[MigrationRun], nothing: &str) -> String {
    if runs.is_empty() {
        return nothing.to_owned();
    }
    let mut text = String::new();
    for run in runs {
        let what = match run.direction {
            Direction::Up => "applied",
            Direction::Down => "reverted",
        };
        text.push_str(&format!("{what} {}\n", run.name));
    }
    text
}
