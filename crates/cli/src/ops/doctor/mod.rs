//! `atlas doctor`: what stands between this machine and a running service, each with the way out.
//!
//! A check is a function that looks at one thing, as directly as it can: the linker is tried by linking, the port by
//! listening, configuration and migrations by asking the service's own binary.

mod check;
mod machine;
mod project;
mod repair;
mod tools;

use std::path::Path;

pub use self::check::{Check, State};
use crate::{Result, ops::service::Project};

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// Something is wrong, and the command that repairs it is about to run.
    Repairing(&'a Check),
    /// One thing was looked at.
    Done(&'a Check),
}

/// Runs all checks for the service that `directory` is in, or only those of the machine when it is in none.
/// Each is given to `told` when it is done. With `fix`, what a command can repair is repaired and looked at again.
///
/// # Errors
/// When the service's `Cargo.toml` cannot be read.
pub fn run(directory: &Path, fix: bool, mut told: impl FnMut(Step<'_>)) -> Result<Vec<Check>> {
    let project = Project::find(directory)?;
    let root = project.as_ref().map_or(directory, |project| &project.root);
    let mut checks = Vec::new();
    let mut look = |check: &dyn Fn() -> Check| {
        let mut found = check();
        if fix && !found.repair.is_empty() {
            told(Step::Repairing(&found));
            repair::run(&found.repair, root);
            found = check();
        }
        told(Step::Done(&found));
        let is_valid = found.state != State::Failed;
        checks.push(found);
        is_valid
    };
    look(&|| tools::toolchain(root));
    look(&|| tools::linker(root));
    look(&|| tools::nextest(root));
    look(&|| tools::git(root));
    look(&|| machine::disk(root));
    look(&machine::open_files);
    if machine::watches().is_some() {
        look(&|| machine::watches().unwrap_or_else(|| Check::skipped("watches", "no limit")));
    }
    let Some(project) = &project else {
        look(&|| {
            let words = "not in the folder of a service; its own checks are left out";
            Check::skipped("service", words)
        });
        return Ok(checks);
    };
    if let Some(check) = project::version(project) {
        look(&|| check.clone());
    }
    look(&|| project::port(project));
    if look(&|| project::config(&project::Binary::find(project))) {
        look(&|| project::migrations(&project::Binary::find(project)));
    } else {
        look(&|| Check::skipped("migrations", "needs a valid configuration first"));
    }
    Ok(checks)
}
