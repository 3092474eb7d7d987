//! `atlas migrate diff`: the migration that the service drafts becomes one of its files.

use std::process::Stdio;

use serde::Deserialize;

use super::{
    Day,
    migration::{FOLDER, file_name, wires},
    record::Record,
};
use crate::{
    Error, Exit, Result,
    ops::{cargo, change::Plan, format, names::Words, service::Project},
};

/// What a service says of its entities and migrations.
#[derive(Clone, Debug, Deserialize)]
pub struct Drafted {
    /// What differs.
    pub differences: Vec<Difference>,
    /// The migration; none when nothing differs.
    draft: Option<Draft>,
}

/// One thing that differs.
#[derive(Clone, Debug, Deserialize)]
pub struct Difference {
    /// In words.
    pub what: String,
    /// The draft loses what rows hold.
    pub destructive: bool,
    /// What else it could mean.
    pub hint: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Draft {
    type_name: String,
    source: String,
}

/// Asks the service, which it builds if need be, for the migration that its entities ask for. `arguments` are those of its
/// configuration.
///
/// # Errors
/// When the service cannot be built or does not answer.
pub fn ask(project: &Project, name: &Words, arguments: &[String]) -> Result<Drafted> {
    let mut command = cargo::command(&project.root);
    command
        .args(["run", "--quiet", "--bin", &project.binary, "--"])
        .args(["migrate", "diff", &name.snake(), "--json"])
        .args(arguments)
        .stderr(Stdio::inherit());
    let said = command.output().map_err(cargo::not_there)?;
    let answer = serde_json::from_slice(&said.stdout).ok();
    answer.filter(|_| said.status.success()).ok_or_else(|| {
        Error::new("the service did not draft a migration")
            .exit(Exit::Data)
            .help("what it said stands above; ask it alone: `cargo run -- migrate diff --check`")
    })
}

/// Plans to add the draft to the service; nothing when nothing differs.
///
/// # Errors
/// When a file cannot be read.
pub fn plan(project: &Project, name: &Words, drafted: &Drafted, day: Day) -> Result<Option<Plan>> {
    let Some(draft) = &drafted.draft else {
        return Ok(None);
    };
    let file = file_name(&project.root, &name.snake(), day)?;
    let text = format::rust(draft.source.clone(), &project.root);
    let mut plan = Plan::new(&project.root);
    let path = format!("{FOLDER}/{file}.rs");
    let mut record = Record::new(vec![name.snake()]);
    record.note(&path, text.as_bytes());
    plan.write(&path, text)?;
    for wire in wires(&file, &draft.type_name) {
        wire.insert(&mut plan)?;
    }
    plan.edit(
        &Record::path("migration", &file),
        record.to_toml(
            &format!("atlas migrate diff {}", name.snake()),
            &format!("atlas destroy migration {}", name.snake()),
        ),
    )?;
    Ok(Some(plan))
}
