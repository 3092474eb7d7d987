//! All that `atlas generate job` changes.

use super::{NewJob, file, host};
use crate::{
    Error, Exit, Result,
    ops::{
        change::Plan,
        edit::{ChainCall, ModLine},
        format,
        generate::{record::Record, wiring::Wire},
        names::Words,
        service::Project,
    },
};

/// Plans a job.
///
/// # Errors
/// When there is no such feature, something else has that name, or a file cannot be read.
pub fn plan(project: &Project, new: &NewJob) -> Result<Plan> {
    let feature = new.feature.snake();
    let mut plan = Plan::new(&project.root);
    if plan.read(&format!("src/{feature}/mod.rs"))?.is_none() {
        return Err(Error::usage(format!(
            "there is no feature `{feature}`: `src/{feature}/mod.rs` is missing"
        ))
        .place("FEATURE")
        .help(format!(
            "make it first: `atlas generate module {feature} name:string`"
        )));
    }
    let path = path_of(&new.feature);
    let items = format::rust(file::items(new)?, &project.root);
    let mut record = Record::new(new.arguments());
    record.note(&path, items.trim().as_bytes());
    let present = plan
        .read(&path)?
        .and_then(|bytes| String::from_utf8(bytes).ok());
    match present {
        None => {
            let text = format::rust(file::fresh(new, &items), &project.root);
            plan.write(&path, text)?;
        }
        Some(text) => match file::without(&text, &new.name) {
            Some((there, _)) if record.is_as_written(&path, there.as_bytes()) => {
                plan.unchanged(&path)?;
            }
            Some(_) => {
                return Err(Error::new(format!(
                    "`{path}` has another job `{}` already",
                    new.name.snake()
                ))
                .exit(Exit::Check)
                .help(
                    "give this one another name, or edit that one by hand; nothing was changed",
                ));
            }
            None => {
                let with = file::with(&text, new, &items).ok_or_else(|| {
                    Error::new(format!("`{path}` is no Rust that can be read"))
                        .exit(Exit::Data)
                        .help("correct it first: `cargo check` says where")
                })?;
                plan.edit(&path, format::rust(with, &project.root))?;
            }
        },
    }
    for wire in wires(&new.feature, &new.name) {
        wire.insert(&mut plan)?;
    }
    host::insert(&mut plan)?;
    plan.edit(
        &record_path(&new.feature, &new.name),
        record.to_toml(
            &format!("atlas generate job {}", record.arguments.join(" ")),
            &format!("atlas destroy job {feature} {}", new.name.snake()),
        ),
    )?;
    Ok(plan)
}

/// The file of a feature's jobs.
pub(super) fn path_of(feature: &Words) -> String {
    format!("src/{}/jobs.rs", feature.snake())
}

/// Where the record of a job is.
pub(super) fn record_path(feature: &Words, name: &Words) -> String {
    Record::path("job", &format!("{}.{}", feature.snake(), name.snake()))
}

/// The lines that make a job known, in the order of their removal.
pub(super) fn wires(feature: &Words, name: &Words) -> [Wire; 2] {
    let path = format!("src/{}/mod.rs", feature.snake());
    let handler = format!("atlas::jobs::handler(jobs::{})", name.snake());
    [
        Wire::call(
            path.clone(),
            "the chain of `fn module`",
            ChainCall::new("module", "Module", "contribute", &handler),
        ),
        Wire::module(path, ModLine::public("jobs")),
    ]
}
