//! Where a value was written.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// The layers of configuration, the weakest first: a later one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Layer {
    /// What the section itself says, possibly different for each profile.
    BuiltIn,
    /// `config/default.toml`.
    DefaultFile,
    /// `config/<profile>.toml`.
    ProfileFile,
    /// `.env`.
    DotEnv,
    /// The environment of the process.
    Environment,
    /// `--set key=value`.
    CommandLine,
}

/// Where a value was written, precisely enough to open it in an editor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// By the section itself.
    BuiltIn,
    /// In a TOML file.
    File {
        /// The path as it was given, usually relative to the working directory.
        path: Arc<str>,
        /// From 1.
        line: u32,
        /// From 1, in characters.
        column: u32,
    },
    /// In a `.env` file.
    DotEnv {
        /// The path as it was given.
        path: Arc<str>,
        /// From 1.
        line: u32,
        /// The variable.
        name: Arc<str>,
    },
    /// In the environment of the process.
    Environment {
        /// The variable.
        name: Arc<str>,
    },
    /// In a file that the variable `name` (ending in `_FILE`) points to.
    SecretFile {
        /// The file with the value.
        path: Arc<str>,
        /// The variable that names it.
        name: Arc<str>,
    },
    /// By `--set` on the command line.
    CommandLine {
        /// The key as it was typed; never the value.
        key: Arc<str>,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in default"),
            Self::File { path, line, column } => write!(f, "{path}:{line}:{column}"),
            Self::DotEnv { path, line, name } => write!(f, "{path}:{line} (`{name}`)"),
            Self::Environment { name } => write!(f, "environment variable `{name}`"),
            Self::SecretFile { path, name } => write!(f, "file {path}, named by `{name}`"),
            Self::CommandLine { key } => write!(f, "command line, `--set {key}=…`"),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
