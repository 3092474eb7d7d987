//! What a check finds.

use serde::Serialize;

/// How one thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// As it should be.
    Ok,
    /// Works, but something could be better.
    Warning,
    /// Does not work.
    Failed,
    /// Could not be looked at.
    Skipped,
}

impl State {
    /// One word for a person.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// Stable name: `toolchain`, `linker`, `nextest`, `git`, `disk`, `open-files`, `watches`, `service`, `version`, `port`,
    /// `config`, `migrations`.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// What was seen.
    pub message: String,
    /// What to do about it; always there when `state` is a warning or a failure.
    pub fix: Option<String>,
    /// The command that repairs it without further questions, where there is one: what `--fix` runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repair: Vec<String>,
}

impl Check {
    pub(super) fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Ok,
            message: message.into(),
            fix: None,
            repair: Vec::new(),
        }
    }

    pub(super) fn skipped(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Skipped,
            message: message.into(),
            fix: None,
            repair: Vec::new(),
        }
    }

    pub(super) fn warning(
        name: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            name,
            state: State::Warning,
            message: message.into(),
            fix: Some(fix.into()),
            repair: Vec::new(),
        }
    }

    pub(super) fn failed(
        name: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            name,
            state: State::Failed,
            message: message.into(),
            fix: Some(fix.into()),
            repair: Vec::new(),
        }
    }

    /// Adds the command that repairs it.
    pub(super) fn repaired_by<T: Into<String>>(
        mut self,
        command: impl IntoIterator<Item = T>,
    ) -> Self {
        self.repair = command.into_iter().map(Into::into).collect();
        self
    }
}
