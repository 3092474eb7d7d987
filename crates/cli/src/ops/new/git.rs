//! A repository for a new service.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Makes the folder a Git repository with everything staged for the first commit; `false` when there is no Git, or
/// the folder is inside a repository already.
#[must_use]
pub fn initialise(folder: &Path) -> bool {
    let inside = git(folder, &["rev-parse", "--is-inside-work-tree"]);
    !inside
        && git(folder, &["init", "--quiet", "--initial-branch=main"])
        && git(folder, &["add", "--all"])
}

fn git(folder: &Path, arguments: &[&str]) -> bool {
    Command::new("git")
        .current_dir(folder)
        .args(arguments)
        // a hook of git's that started us must not point at its own repository
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
