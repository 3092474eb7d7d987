//! Making and removing it.

use atlas_core::ExitStatus;
use atlas_db::{Admin, MigrationState, Migrations, Seeds};
use clap::ArgMatches;
use serde_json::{Value, json};

use super::{Outcome, fresh, none};
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;

pub(super) async fn create(
    invocation: &Invocation,
    admin: &Admin,
    matches: &ArgMatches,
) -> Outcome {
    let created = admin.create().await?;
    let text = match created {
        true => format!("created {}", admin.place()),
        false => format!("it exists already: {}", admin.place()),
    };
    let json = json!({ "database": admin.place(), "created": created });
    Ok(say(invocation, matches, &text, &json))
}

pub(super) async fn drop(invocation: &Invocation, admin: &Admin, matches: &ArgMatches) -> Outcome {
    confirm(invocation, admin, matches)?;
    let dropped = admin.remove().await?;
    let text = match dropped {
        true => format!("dropped {}", admin.place()),
        false => format!("there is none: {}", admin.place()),
    };
    let json = json!({ "database": admin.place(), "dropped": dropped });
    Ok(say(invocation, matches, &text, &json))
}

pub(super) async fn reset(invocation: &Invocation, admin: &Admin, matches: &ArgMatches) -> Outcome {
    confirm(invocation, admin, matches)?;
    admin.remove().await?;
    admin.create().await?;
    fill(invocation, admin, matches, true).await
}

pub(super) async fn prepare(
    invocation: &Invocation,
    admin: &Admin,
    matches: &ArgMatches,
) -> Outcome {
    let created = admin.create().await?;
    fill(invocation, admin, matches, created).await
}

/// Migrates, and seeds a database that is new: made just now, without any of the migrations so far, or one whose first seeds
/// something has cut short.
async fn fill(
    invocation: &Invocation,
    admin: &Admin,
    matches: &ArgMatches,
    created: bool,
) -> Outcome {
    let app = fresh(invocation);
    let name = app.name();
    let parts = app.resolve::<(Option<Migrations>, Option<Seeds>)>().await?;
    let (Some(migrations), Some(seeds)) = parts else {
        return Err(none(name));
    };
    let before = migrations.status().await?;
    // without migrations, nothing tells a database that was used from one that was not
    let unused = !before.is_empty() && before.iter().all(|it| it.state == MigrationState::Pending);
    // production begins empty; its seeds are a decision of their own
    let is_seeded =
        (created || unused || seeds.is_owed().await?) && !admin.profile().is_production();
    if is_seeded {
        seeds.owe().await?;
    }
    let applied = migrations.up().await?;
    let planted: Vec<&str> = if is_seeded {
        let done = seeds.run(admin.profile()).await?;
        seeds.settle().await?;
        done.iter().filter(|it| it.ran).map(|it| it.name).collect()
    } else {
        Vec::new()
    };
    let mut text = match created {
        true => format!("created {}\n", admin.place()),
        false => String::new(),
    };
    applied
        .iter()
        .for_each(|it| text.push_str(&format!("applied {it}\n")));
    planted
        .iter()
        .for_each(|it| text.push_str(&format!("planted {it}\n")));
    if text.is_empty() {
        text = format!("nothing to do: {} is up to date", admin.place());
    }
    let json = json!({
        "database": admin.place(),
        "created": created,
        "applied": applied,
        "seeded": planted,
    });
    Ok(say(invocation, matches, &text, &json))
}

/// Asks whether the data may go; without a terminal, only `--yes` says so.
fn confirm(invocation: &Invocation, admin: &Admin, matches: &ArgMatches) -> Result<(), Failure> {
    admin.guard()?;
    if matches.get_flag("yes") {
        return Ok(());
    }
    let question = format!("Remove {} with everything in it? [y/N] ", admin.place());
    match invocation.printer.ask(&question) {
        Some(answer) if ["y", "yes"].contains(&answer.to_ascii_lowercase().as_str()) => Ok(()),
        Some(_) => Err(Failure::new("nothing was removed").exit(1)),
        None => Err(Failure::new(format!(
            "{} would be removed with everything in it, and nobody can be asked",
            admin.place()
        ))
        .help("say `--yes` if that is meant")
        .exit(2)),
    }
}

fn say(invocation: &Invocation, matches: &ArgMatches, text: &str, json: &Value) -> ExitStatus {
    match matches.get_flag("json") {
        true => invocation.printer.json(json),
        false => invocation.printer.answer(text),
    }
    ExitStatus::SUCCESS
}
