//! `seed`: the data that a profile begins with.

use atlas_config::Profile;
use atlas_core::ExitStatus;
use atlas_db::{Migrations, Seeds};
use clap::{ArgMatches, Command};
use serde_json::json;

use super::Outcome;
use crate::service::cli;
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;

pub(super) fn command() -> Command {
    Command::new("seed")
        .about("Fills the database with the data that the profile begins with; again and again to the same effect")
        .arg(cli::json())
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let app = invocation.valid_app().await?;
    let name = app.name();
    let (seeds, migrations, profile) = app
        .resolve::<(Option<Seeds>, Option<Migrations>, Profile)>()
        .await?;
    let (Some(seeds), Some(migrations)) = (seeds, migrations) else {
        return Err(Failure::new(format!("`{name}` has no database"))
            .help("add `.module(atlas::db::module())` to the app"));
    };
    // A seed meets the tables that the code knows, or is not planted at all.
    migrations.check().await?;
    let done = seeds.run(profile).await?;
    if matches.get_flag("json") {
        invocation
            .printer
            .json(&json!({ "profile": profile.name(), "seeds": done }));
        return Ok(ExitStatus::SUCCESS);
    }
    let mut text = String::new();
    for seed in &done {
        let what = if seed.ran {
            "planted"
        } else {
            "skipped, not meant for this profile:"
        };
        text.push_str(&format!("{what} {}\n", seed.name));
    }
    if done.is_empty() {
        text.push_str("no seeds");
    }
    invocation.printer.answer(&text);
    Ok(ExitStatus::SUCCESS)
}
