//! `seed`: the data that a profile begins with.

use std::sync::Arc;

use atlas_config::Profile;
use atlas_core::ExitStatus;
use atlas_db::seed::{Rows, Seeded};
use atlas_db::{Migrations, Seed, Seeds};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use super::Outcome;
use crate::service::cli;
use crate::service::failure::Failure;
use crate::service::invocation::Invocation;
use crate::service::progress::{ProgressLine, grouped};

pub(super) fn command() -> Command {
    Command::new("seed")
        .about("Fills the database with the data that the profile begins with; again and again to the same effect")
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help("Seeds to run; all of the profile without one"),
        )
        .arg(
            Arg::new("list")
                .long("list")
                .action(ArgAction::SetTrue)
                .help("Lists the seeds and runs none"),
        )
        .arg(
            Arg::new("force-production")
                .long("force-production")
                .action(ArgAction::SetTrue)
                .help("Runs them in the profile production too"),
        )
        .arg(cli::json())
}

pub(super) async fn run(invocation: &Invocation, matches: &ArgMatches) -> Outcome {
    let app = invocation.valid_app().await?;
    let name = app.name();
    let (seeds, migrations, profile) = app
        .resolve::<(Option<Seeds>, Option<Migrations>, Profile)>()
        .await?;
    let (Some(mut seeds), Some(migrations)) = (seeds, migrations) else {
        return Err(Failure::new(format!("`{name}` has no database"))
            .help("add `.module(atlas::db::module())` to the app"));
    };
    let chosen = chosen(&seeds, profile, matches)?;
    let as_json = matches.get_flag("json");
    if matches.get_flag("list") {
        list(invocation, &chosen, profile, as_json);
        return Ok(ExitStatus::SUCCESS);
    }
    let names: Vec<&str> = chosen.iter().map(Seed::name).collect();
    seeds = seeds.only(names);
    if matches.get_flag("force-production") {
        seeds = seeds.force_production();
    }
    let line = Arc::new(ProgressLine::new());
    let seeds = seeds.watch({
        let line = Arc::clone(&line);
        move |it| line.show(&format!("{}: {}", it.seed, it.table), it.done, it.total)
    });
    seeds.allowed(profile)?;
    // A seed meets the tables that the code knows, or is not planted at all.
    migrations.check().await?;
    let done = seeds.run(profile).await;
    line.wipe();
    let done = done?;
    match as_json {
        true => invocation
            .printer
            .json(&json!({ "profile": profile.name(), "seeds": done })),
        false => invocation.printer.answer(&told(&done)),
    }
    Ok(ExitStatus::SUCCESS)
}

/// The seeds that were named, or all of them.
fn chosen(seeds: &Seeds, profile: Profile, matches: &ArgMatches) -> Result<Vec<Seed>, Failure> {
    let Some(names) = matches.get_many::<String>("name") else {
        return Ok(seeds.list().to_vec());
    };
    let mut chosen = Vec::new();
    for name in names {
        let Some(seed) = seeds.list().iter().find(|it| it.name() == name) else {
            let known: Vec<String> = seeds
                .list()
                .iter()
                .map(|it| format!("`{}`", it.name()))
                .collect();
            let help = match known.is_empty() {
                true => "this service has no seeds".to_owned(),
                false => format!("its seeds: {}", known.join(", ")),
            };
            return Err(Failure::new(format!("there is no seed `{name}`"))
                .help(&help)
                .exit(2));
        };
        if !seed.is_for(profile) && !matches.get_flag("list") {
            let problem = format!("the seed `{name}` is not meant for the profile `{profile}`");
            let profiles: Vec<String> =
                seed.profiles().iter().map(|it| format!("`{it}`")).collect();
            return Err(Failure::new(problem)
                .help(&format!("it is meant for {}", profiles.join(", ")))
                .exit(2));
        }
        chosen.push(seed.clone());
    }
    Ok(chosen)
}

fn list(invocation: &Invocation, seeds: &[Seed], profile: Profile, as_json: bool) {
    let profiles =
        |seed: &Seed| -> Vec<&'static str> { seed.profiles().iter().map(|it| it.name()).collect() };
    if as_json {
        let seeds: Vec<_> = seeds
            .iter()
            .map(|it| {
                json!({
                    "name": it.name(),
                    "profiles": profiles(it),
                    "file": it.file(),
                    "runs": it.is_for(profile),
                })
            })
            .collect();
        let answer = json!({ "profile": profile.name(), "seeds": seeds });
        invocation.printer.json(&answer);
        return;
    }
    if seeds.is_empty() {
        invocation.printer.answer("no seeds");
        return;
    }
    let rows: Vec<[String; 3]> = seeds
        .iter()
        .map(|it| {
            let file = it.file().unwrap_or("code");
            [
                it.name().to_owned(),
                profiles(it).join(", "),
                file.to_owned(),
            ]
        })
        .collect();
    invocation
        .printer
        .table(["seed", "profiles", "from"], &rows);
}

fn told(seeds: &[Seeded]) -> String {
    let mut text = String::new();
    for seed in seeds {
        let name = seed.name;
        match &seed.tables[..] {
            _ if !seed.ran => {
                text.push_str(&format!("skipped, not meant for this profile: {name}\n"));
            }
            [] => text.push_str(&format!("planted {name}\n")),
            [one] => text.push_str(&format!("planted {name}: {}\n", counted(one.rows))),
            many => {
                text.push_str(&format!("planted {name}\n"));
                for table in many {
                    text.push_str(&format!("  {}: {}\n", table.table, counted(table.rows)));
                }
            }
        }
    }
    if seeds.is_empty() {
        text.push_str("no seeds");
    }
    text
}

fn counted(rows: Rows) -> String {
    let total = rows.total();
    let unit = if total == 1 { "row" } else { "rows" };
    let parts: Vec<String> = [
        (rows.inserted, "inserted"),
        (rows.updated, "updated"),
        (rows.unchanged, "unchanged"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{} {what}", grouped(count)))
    .collect();
    match parts.is_empty() {
        true => format!("{total} {unit}"),
        false => format!("{} {unit} ({})", grouped(total), parts.join(", ")),
    }
}
