//! What was done, for people and programs.

use serde::Serialize;

use super::{Action, Plan, Snippet};

/// The result of a command that changes files, as `--json` prints it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of this document's shape.
    pub version: u32,
    /// The command: `generate module`.
    pub command: String,
    /// Whether it only says what it would do.
    pub dry_run: bool,
    /// The folder, absolute.
    pub root: String,
    /// Every file.
    pub changes: Vec<ChangeReport>,
    /// What remains for hands.
    pub by_hand: Vec<Snippet>,
    /// Commands that make sense now.
    pub next: Vec<String>,
}

/// What happened to one file.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeReport {
    /// Relative to the folder.
    pub path: String,
    /// What happened.
    pub action: Action,
    /// How, as a unified diff; only in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl Report {
    /// Reports a plan.
    #[must_use]
    pub fn of(command: &str, plan: &Plan, dry_run: bool, next: Vec<String>) -> Self {
        Self {
            version: 1,
            command: command.to_owned(),
            dry_run,
            root: plan.root().display().to_string(),
            changes: plan
                .changes()
                .iter()
                .map(|change| ChangeReport {
                    path: change.path.clone(),
                    action: change.action,
                    diff: dry_run.then(|| change.diff()),
                })
                .collect(),
            by_hand: plan.snippets().to_vec(),
            next,
        }
    }
}
