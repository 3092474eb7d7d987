//! What is to be done, compared with what is there.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::apply;
use crate::{Error, Exit, OrFail, Result, ops::diff};

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A new file.
    Create,
    /// The file is there already, with the same bytes.
    Identical,
    /// Some lines of a person's file.
    Edit,
    /// The file is there with other bytes, and nobody has decided yet.
    Conflict,
    /// The file is there with other bytes and is replaced or removed nevertheless.
    Force,
    /// The file is there with other bytes and stays.
    Skip,
    /// The file goes.
    Remove,
}

/// One file and what happens to it.
#[derive(Clone, Debug)]
pub struct Change {
    /// Relative to the folder, with `/`.
    pub path: String,
    /// What happens.
    pub action: Action,
    pub(super) before: Option<Vec<u8>>,
    pub(super) after: Option<Vec<u8>>,
    /// What the generator wrote, of a file that goes.
    written: Option<Vec<u8>>,
}

impl Change {
    /// The change as a unified diff; empty when nothing changes.
    ///
    /// Of a file that cannot go because it was edited, the edits are shown.
    #[must_use]
    pub fn diff(&self) -> String {
        let text = |bytes: &Option<Vec<u8>>| {
            bytes
                .as_ref()
                .map(|it| String::from_utf8_lossy(it).into_owned())
        };
        let (before, after) = match self.action {
            Action::Identical | Action::Skip => return String::new(),
            Action::Conflict if self.written.is_some() => (&self.written, &self.before),
            _ => (&self.before, &self.after),
        };
        diff::unified(&self.path, text(before).as_deref(), text(after).as_deref())
    }

    /// Whether the file goes.
    #[must_use]
    pub fn is_removal(&self) -> bool {
        self.after.is_none() && self.before.is_some()
    }
}

/// A line to write by hand, because its file has a shape that is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// The file, relative to the folder.
    pub path: String,
    /// Where in the file, in words.
    pub place: String,
    /// The text to paste, or to take away.
    pub text: String,
}

/// What a person says about a file that is there with other bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Replace or remove it.
    Yes,
    /// Leave it.
    No,
    /// Replace or remove it and all that follow.
    All,
    /// Do nothing at all.
    Quit,
}

/// All changes of one command to one folder.
#[derive(Clone, Debug)]
pub struct Plan {
    root: PathBuf,
    changes: Vec<Change>,
    snippets: Vec<Snippet>,
}

impl Plan {
    /// An empty plan for a folder, which need not exist yet.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            changes: Vec::new(),
            snippets: Vec::new(),
        }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The changes in the order they were planned.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What remains for hands.
    #[must_use]
    pub fn snippets(&self) -> &[Snippet] {
        &self.snippets
    }

    /// The file as it would be after the changes planned so far; `None` when it is not there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        match self.changes.iter().rev().find(|change| change.path == path) {
            Some(change) => Ok(change.after.clone()),
            None => on_disk(&self.root, path),
        }
    }

    /// A whole file with these bytes.
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub fn write(&mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Result<()> {
        let after = bytes.into();
        let before = on_disk(&self.root, path)?;
        let action = match &before {
            None => Action::Create,
            Some(before) if *before == after => Action::Identical,
            Some(_) => Action::Conflict,
        };
        self.changes.push(Change {
            path: path.to_owned(),
            action,
            before,
            after: Some(after),
            written: None,
        });
        Ok(())
    }

    /// A file of ours that goes; it is a conflict if it no longer is as it was written. `written` is what the
    /// generator wrote, where that is known, to show the difference.
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub fn remove(
        &mut self,
        path: &str,
        is_ours: impl FnOnce(&[u8]) -> bool,
        written: Option<Vec<u8>>,
    ) -> Result<()> {
        let Some(before) = on_disk(&self.root, path)? else {
            return Ok(());
        };
        let action = if is_ours(&before) {
            Action::Remove
        } else {
            Action::Conflict
        };
        self.changes.push(Change {
            path: path.to_owned(),
            action,
            before: Some(before),
            after: None,
            written,
        });
        Ok(())
    }

    /// New text for a person's file, made from its present text, or for a file that is only ours: never a conflict.
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub fn edit(&mut self, path: &str, after: impl Into<Vec<u8>>) -> Result<()> {
        let after = after.into();
        let before = on_disk(&self.root, path)?;
        self.changes.retain(|change| change.path != path);
        let action = match &before {
            None => Action::Create,
            Some(before) if *before == after => Action::Identical,
            Some(_) => Action::Edit,
        };
        self.changes.push(Change {
            path: path.to_owned(),
            action,
            before,
            after: Some(after),
            written: None,
        });
        Ok(())
    }

    /// Says that a file needs no edit, for the record.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn unchanged(&mut self, path: &str) -> Result<()> {
        match self.changes.iter().any(|change| change.path == path) {
            true => Ok(()),
            false => {
                let present = on_disk(&self.root, path)?.unwrap_or_default();
                self.edit(path, present)
            }
        }
    }

    /// Leaves a line to the person.
    pub fn by_hand(&mut self, snippet: Snippet) {
        self.snippets.push(snippet);
    }

    /// Whether anything would change.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.changes
            .iter()
            .all(|change| matches!(change.action, Action::Identical | Action::Skip))
    }

    /// Files that are there with other bytes and undecided.
    pub fn conflicts(&self) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(|change| change.action == Action::Conflict)
    }

    /// Decides every conflict: `ask` is called until it answers [`Answer::All`].
    ///
    /// # Errors
    /// When `ask` fails or says [`Answer::Quit`].
    pub fn decide(&mut self, mut ask: impl FnMut(&Change) -> Result<Answer>) -> Result<()> {
        let mut all = false;
        for change in &mut self.changes {
            if change.action != Action::Conflict {
                continue;
            }
            let answer = if all { Answer::Yes } else { ask(change)? };
            all |= answer == Answer::All;
            change.action = match answer {
                Answer::Yes | Answer::All => Action::Force,
                Answer::No => Action::Skip,
                Answer::Quit => {
                    return Err(
                        Error::new("stopped on your word, nothing was changed").exit(Exit::Check)
                    );
                }
            };
        }
        Ok(())
    }

    /// Makes all changes, or none.
    ///
    /// # Errors
    /// When a conflict is undecided, or a file cannot be written, or one was changed since it was compared;
    /// whatever was done until then has been undone.
    pub fn apply(&self) -> Result<()> {
        if let Some(conflict) = self.conflicts().next() {
            return Err(Error::new(format!(
                "`{}` is there already with other content",
                conflict.path
            ))
            .exit(Exit::Check));
        }
        apply::apply(
            &self.root,
            self.changes
                .iter()
                .filter(|change| !matches!(change.action, Action::Identical | Action::Skip)),
        )
    }
}

fn on_disk(root: &Path, path: &str) -> Result<Option<Vec<u8>>> {
    let path = root.join(path);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).or_fail(|| format!("cannot read `{}`", path.display())),
    }
}
