//! All that `atlas destroy module` changes.

use super::{
    feature::NewModule,
    plan::{render, wires},
};
use crate::{
    Error, Result,
    ops::{
        change::Plan,
        edit::ModLine,
        generate::{Day, record::Record, wiring::Wire},
        names::Words,
        service::Project,
    },
};

/// Plans to take a module back.
///
/// # Errors
/// When it was not made by `atlas generate module`.
pub fn destroy(project: &Project, name: &Words) -> Result<Plan> {
    let module = name.snake();
    let Some(record) = Record::read(&project.root, "module", &module)? else {
        let there = project.root.join("src").join(&module).exists();
        let error = match there {
            true => Error::usage(format!(
                "`{module}` was not made by `atlas generate module`"
            ))
            .help("remove its folder and its lines in `src/lib.rs` by hand"),
            false => Error::usage(format!("there is no module `{module}`")),
        };
        return Err(error.place(project.root.join(Record::path("module", &module)).display()));
    };
    // what was written then, to show what was edited since; a newer program may write it otherwise
    let then = NewModule::from_arguments(&record.arguments, Day::of(0))
        .and_then(|new| render(project, &new))
        .map(|(files, _)| files)
        .unwrap_or_default();
    let mut plan = Plan::new(&project.root);
    for path in record.files.keys() {
        let written = then
            .iter()
            .find(|(it, text)| it == path && record.is_as_written(path, text.as_bytes()))
            .map(|(_, text)| text.clone().into_bytes());
        plan.remove(path, |now| record.is_as_written(path, now), written)?;
    }
    let migration = record.migration.clone().unwrap_or_default();
    for wire in wires(&module, &migration) {
        wire.remove(&mut plan)?;
    }
    for test in record
        .files
        .keys()
        .filter_map(|path| path.strip_prefix("tests/it/")?.strip_suffix(".rs"))
    {
        if test != module {
            Wire::module("tests/it/main.rs", ModLine::private(test)).remove(&mut plan)?;
        }
    }
    plan.remove(&Record::path("module", &module), |_| true, None)?;
    Ok(plan)
}
