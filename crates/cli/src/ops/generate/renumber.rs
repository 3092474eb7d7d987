//! `atlas migrate fix`: pending migrations get the numbers behind those that were applied already.

use std::{path::Path, process::Stdio};

use super::{
    Day,
    migration::{FOLDER, LIST, files, next_number},
};
use crate::{
    Error, Exit, OrFail, Result,
    ops::{cargo, change::Plan, format, service::Project},
};

/// The endings of the files of a migration.
const ENDINGS: [&str; 3] = [".rs", ".up.sql", ".down.sql"];

/// Asks the service, which it builds if need be, what is pending and comes before a migration that was applied.
///
/// # Errors
/// When the service cannot be built or does not answer.
pub fn out_of_order(project: &Project) -> Result<Vec<String>> {
    let mut command = cargo::command(&project.root);
    command
        .args(["run", "--quiet", "--bin", &project.binary, "--"])
        .args(["migrate", "fix", "--json"])
        .stderr(Stdio::inherit());
    let said = command.output().map_err(cargo::not_there)?;
    let answer: Option<serde_json::Value> = serde_json::from_slice(&said.stdout).ok();
    let names = answer.as_ref().and_then(|it| it["out_of_order"].as_array());
    match names {
        Some(names) if said.status.success() => Ok(names
            .iter()
            .filter_map(|name| name.as_str().map(ToOwned::to_owned))
            .collect()),
        _ => Err(
            Error::new("the service does not say which migrations are out of order")
                .exit(Exit::Data)
                .help("ask it: `atlas migrate status`"),
        ),
    }
}

/// Plans to give migrations the next numbers, in their order.
///
/// # Errors
/// When a file cannot be read, or one of them has none here.
pub fn plan(project: &Project, names: &[String], day: Day) -> Result<Plan> {
    let root = &project.root;
    let mut plan = Plan::new(root);
    let mut taken = files(root)?;
    let mut list = text(root, LIST)?;
    let mut records = records(root)?;
    for old in names {
        let words = old.splitn(3, '_').nth(2).unwrap_or(old);
        let new = format!("{}_{words}", next_number(&taken, day));
        let mut found = false;
        for ending in ENDINGS {
            let from = format!("{FOLDER}/{old}{ending}");
            if !root.join(&from).is_file() {
                continue;
            }
            found = true;
            let held = text(root, &from)?;
            plan.remove(&from, |_| true, None)?;
            plan.edit(
                &format!("{FOLDER}/{new}{ending}"),
                held.replace(old.as_str(), &new),
            )?;
        }
        if !found {
            return Err(
                Error::new(format!("the files of migration `{old}` are not here"))
                    .exit(Exit::Check)
                    .place(root.join(FOLDER).display())
                    .help("number it by hand: rename it where it lies, and wherever it is named"),
            );
        }
        list = list.replace(old.as_str(), &new);
        for (_, held) in &mut records {
            *held = held.replace(old.as_str(), &new);
        }
        taken.push(new);
    }
    plan.edit(LIST, format::rust(list, root))?;
    for (path, held) in records {
        let now = names
            .iter()
            .zip(taken.iter().skip(taken.len() - names.len()));
        let moved = now.fold(path.clone(), |path, (old, new)| {
            path.replace(old.as_str(), new)
        });
        if moved != path {
            plan.remove(&path, |_| true, None)?;
        }
        if moved != path || held != text(root, &path)? {
            plan.edit(&moved, held)?;
        }
    }
    Ok(plan)
}

/// What generators remember, with the paths.
fn records(root: &Path) -> Result<Vec<(String, String)>> {
    let mut records = Vec::new();
    for folder in [".atlas/migrations", ".atlas/modules"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            continue;
        };
        for entry in entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()) {
            let path = format!("{folder}/{entry}");
            let held = text(root, &path)?;
            records.push((path, held));
        }
    }
    records.sort();
    Ok(records)
}

fn text(root: &Path, path: &str) -> Result<String> {
    std::fs::read_to_string(root.join(path)).or_fail(|| format!("cannot read `{path}`"))
}
