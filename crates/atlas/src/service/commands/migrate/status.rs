//! `migrate status` and `migrate check`: where the database stands.

use atlas_core::ExitStatus;
use atlas_db::{MigrationState, MigrationStatus};
use clap::{ArgMatches, Command};
use serde_json::json;

use super::{Outcome, Parts, flag};
use crate::service::cli;

/// The exit code of a check that found something.
const FOUND: u8 = 3;

pub(super) fn command() -> Command {
    Command::new("status")
        .about("Lists the migrations of the code and of the database")
        .arg(flag(
            "check",
            "Exits with 3 when the database is not what the code expects",
        ))
        .arg(cli::json())
}

pub(super) fn check_command() -> Command {
    Command::new("check")
        .about("Exits with 3, and says why, when the database is not what the code expects")
        .arg(cli::json())
}

pub(super) async fn run(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let all = parts.migrations.status().await?;
    let printer = parts.invocation.printer;
    match (matches.get_flag("json"), all.is_empty()) {
        (true, _) => printer.json(&json!({ "migrations": all })),
        (false, true) => printer.answer("no migrations"),
        (false, false) => {
            let rows: Vec<_> = all.iter().map(row).collect();
            printer.table(["MIGRATION", "STATE", "GROUP", "APPLIED"], &rows);
        }
    }
    let differs = all.iter().any(|it| it.state != MigrationState::Applied);
    Ok(ExitStatus::new(if matches.get_flag("check") && differs {
        FOUND
    } else {
        0
    }))
}

fn row(status: &MigrationStatus) -> [String; 4] {
    let state = match status.out_of_order {
        true => format!("{}, out of order", status.state.name()),
        false => status.state.name().to_owned(),
    };
    let group = status.group.map(|group| group.to_string());
    let at = status
        .applied_at
        .map(|at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    [
        status.name.clone(),
        state,
        group.unwrap_or_default(),
        at.unwrap_or_default(),
    ]
}

pub(super) async fn check(parts: &Parts<'_>, matches: &ArgMatches) -> Outcome {
    let printer = parts.invocation.printer;
    let as_json = matches.get_flag("json");
    let problem = match parts.migrations.check().await {
        Ok(()) => None,
        // what cannot be asked is not what was found
        Err(error) if matches!(error.code(), "A206" | "A213") => return Err(error.into()),
        Err(error) => Some(error),
    };
    match &problem {
        Some(error) if as_json => printer.json(&json!({
            "ok": false,
            "code": error.code(),
            "message": error.message(),
        })),
        Some(error) => printer.failure(&error.to_string()),
        None if as_json => printer.json(&json!({ "ok": true })),
        None => printer.answer("the schema is what the code expects"),
    }
    Ok(ExitStatus::new(if problem.is_some() { FOUND } else { 0 }))
}
