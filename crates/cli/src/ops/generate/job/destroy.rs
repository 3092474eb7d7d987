//! All that `atlas destroy job` changes.

use super::{
    file, host,
    plan::{path_of, record_path, wires},
};
use crate::{
    Error, Exit, Result,
    ops::{change::Plan, diff, generate::record::Record, names::Words, service::Project},
};

/// Plans to take a job back; one that was edited since only if `force`.
///
/// # Errors
/// When it was not made by `atlas generate job`, or was edited since.
pub fn destroy(project: &Project, feature: &Words, name: &Words, force: bool) -> Result<Plan> {
    let kind = format!("{}.{}", feature.snake(), name.snake());
    let record_file = record_path(feature, name);
    let path = path_of(feature);
    let Some(record) = Record::read(&project.root, "job", &kind)? else {
        return Err(Error::usage(format!("no job `{name}` of `{feature}` was made by `atlas generate job`", name = name.snake(), feature = feature.snake()))
            .place(project.root.join(record_file).display())
            .help(format!("one that was written by hand is taken out of `{path}` by hand, with its line in `mod.rs`")));
    };
    let mut plan = Plan::new(&project.root);
    let present = plan
        .read(&path)?
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default();
    let mut is_last = present.is_empty();
    if let Some((written, rest)) = file::without(&present, name) {
        if !record.is_as_written(&path, written.as_bytes()) && !force {
            return Err(Error::new(format!(
                "job `{}` was edited since it was generated, nothing was changed",
                name.snake()
            ))
            .exit(Exit::Check)
            .place(&path)
            .help(format!(
                "this would go:\n{}",
                diff::unified(&path, Some(&written), None)
            ))
            .help("give `--force` to lose it"));
        }
        is_last = rest.is_empty();
        match is_last {
            true => plan.remove(&path, |_| true, None)?,
            false => plan.edit(&path, rest)?,
        }
    }
    let [call, module] = wires(feature, name);
    call.remove(&mut plan)?;
    if is_last {
        module.remove(&mut plan)?;
        if !host::is_needed(&project.root, &format!("src/{}", feature.snake()))? {
            host::remove(&mut plan)?;
        }
    }
    plan.remove(&record_file, |_| true, None)?;
    Ok(plan)
}
