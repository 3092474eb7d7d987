//! The versions of everything: those the workspace of Atlas is tested with.

use std::{path::Path, process::Stdio};

use super::AtlasSource;
use crate::ops::cargo;

/// The lock file a service begins with, where the checkout of Atlas has one. Cargo drops what the service does not use.
pub(super) fn of(atlas: &AtlasSource) -> Option<Vec<u8>> {
    std::fs::read(atlas.folder()?.join("Cargo.lock")).ok()
}

/// Lets cargo write down what the service really uses, without the network; `false` when it cannot, and then the
/// first build does it.
#[must_use]
pub fn settle(folder: &Path) -> bool {
    cargo::command(folder)
        .args(["metadata", "--offline", "--quiet", "--format-version", "1"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
