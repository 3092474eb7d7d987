//! What is wrong with a configuration, and how to put it right.

use std::fmt;

use atlas_core::Diagnostic;
use serde::Serialize;

use crate::profile::Profile;
use crate::source::Origin;

/// One thing that is wrong. It never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The key, such as `http.port`; nothing when no key is concerned, as for a file that cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Every place where it is written; empty when the fault is that it is nowhere.
    pub origins: Vec<Origin>,
    /// What the key takes, such as `integer, 0 to 65535`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Ways out.
    pub help: Vec<String>,
}

impl Problem {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            key: None,
            message: message.into(),
            origins: Vec::new(),
            rule: None,
            help: Vec::new(),
        }
    }

    pub(crate) fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    pub(crate) fn origin(mut self, origin: Origin) -> Self {
        self.origins.push(origin);
        self
    }

    pub(crate) fn rule(mut self, rule: Option<String>) -> Self {
        self.rule = rule;
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for origin in &self.origins {
            write!(f, "\n  --> {origin}")?;
        }
        if let Some(rule) = &self.rule {
            write!(f, "\n   = rule: {rule}")?;
        }
        for help in &self.help {
            write!(f, "\n   = help: {help}")?;
        }
        Ok(())
    }
}

/// Everything that is wrong with a configuration, found in one go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigErrors {
    profile: Profile,
    problems: Vec<Problem>,
}

impl ConfigErrors {
    pub(crate) fn new(profile: Profile, problems: Vec<Problem>) -> Self {
        Self { profile, problems }
    }

    /// The profile whose configuration it is.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// The problems: those of sources first, then by section and key.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What is said in one line above the report.
    fn summary(&self) -> String {
        let count = match self.problems.len() {
            1 => "1 problem".to_owned(),
            count => format!("{count} problems"),
        };
        format!(
            "the configuration for profile `{}` has {count}",
            self.profile
        )
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.summary())?;
        for problem in &self.problems {
            write!(f, "\n\n{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl From<ConfigErrors> for Diagnostic {
    fn from(errors: ConfigErrors) -> Self {
        /// `EX_CONFIG` of sysexits.h.
        const CONFIGURATION: u8 = 78;
        // the whole report is the message: as a source it would be printed a second time
        Self::new("A205", errors.to_string()).exit(CONFIGURATION)
    }
}
