//! Repairs: commands that were shown before they run.

use std::{path::Path, process::Stdio};

use crate::ops::cargo;

/// Runs a command to its end, its words on standard error. Whether it helped is seen by looking again.
pub(super) fn run(command: &[String], root: &Path) {
    let Some((program, arguments)) = command.split_first() else {
        return;
    };
    // its data are no data of ours
    let _ = cargo::tool(program, root)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status();
}
