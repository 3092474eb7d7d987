//! `atlas doctor`: what stands between this machine and a running service, each with the way out.
//!
//! A check is a function that looks at one thing, as directly as it can: the linker is tried by linking, the port by
//! listening, configuration and migrations by asking the service's own binary.

mod check;
mod machine;
mod project;
mod tools;

use std::path::Path;

pub use self::check::{Check, State};
use crate::{Result, ops::service::Project};

/// Runs all checks for the service that `directory` is in, or only those of the machine when it is in none.
/// Each is given to `told` when it is done.
///
/// # Errors
/// When the service's `Cargo.toml` cannot be read.
pub fn run(directory: &Path, mut told: impl FnMut(&Check)) -> Result<Vec<Check>> {
    let project = Project::find(directory)?;
    let root = project.as_ref().map_or(directory, |project| &project.root);
    let mut checks = Vec::new();
    let mut done = |check: Check| {
        told(&check);
        checks.push(check);
    };
    done(tools::toolchain(root));
    done(tools::linker(root));
    done(tools::nextest(root));
    done(tools::git(root));
    done(machine::disk(root));
    done(machine::open_files());
    if let Some(check) = machine::watches() {
        done(check);
    }
    match &project {
        None => done(Check::skipped(
            "service",
            "not in the folder of a service; its own checks are left out",
        )),
        Some(project) => {
            if let Some(check) = project::version(project) {
                done(check);
            }
            done(project::port(project));
            let binary = project::Binary::find(project);
            let config = project::config(&binary);
            let is_valid = config.state != State::Failed;
            done(config);
            done(if is_valid {
                project::migrations(&binary)
            } else {
                Check::skipped("migrations", "needs a valid configuration first")
            });
        }
    }
    Ok(checks)
}
