//! Where a service may be put.

use std::{io, path::Path};

use crate::{Error, Exit, OrFail, Result};

/// Checks that a folder does not exist or is empty.
pub(super) fn must_be_free(folder: &Path) -> Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(
                Error::new(format!("`{}` exists and is not a folder", folder.display()))
                    .exit(Exit::Check)
                    .help("choose another name, or move the file away"),
            );
        }
        Err(error) => return Err(error).or_fail(|| format!("cannot read `{}`", folder.display())),
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            entry
                .ok()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
        })
        .collect();
    names.sort();
    if names.is_empty() {
        return Ok(());
    }
    let some = names
        .iter()
        .take(3)
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let more = if names.len() > 3 {
        format!(" and {} more", names.len() - 3)
    } else {
        String::new()
    };
    Err(Error::new(format!(
        "`{}` is not empty: it holds {some}{more}",
        folder.display()
    ))
    .exit(Exit::Check)
    .help("choose another name, or empty the folder; nothing was written")
    .help("to add a feature to a service that exists: `atlas generate module NAME`"))
}
