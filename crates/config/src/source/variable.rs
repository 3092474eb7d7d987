//! Environment variables: the names of keys, and those that are no keys.

use serde::Serialize;

/// What every variable of Atlas begins with.
pub(crate) const PREFIX: &str = "ATLAS_";

/// An environment variable that Atlas reads although it is no key of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
}

/// All of them. They exist before any section is known, or are set by a tool and not by people.
pub(crate) const RESERVED: [Variable; 4] = [
    Variable {
        name: "ATLAS_PROFILE",
        doc: "The profile: `development` (default), `test` or `production`.",
    },
    Variable {
        name: "ATLAS_CONFIG_DIR",
        doc: "The folder with the configuration files, in place of `config`; it must exist.",
    },
    Variable {
        name: "ATLAS_LISTEN",
        doc: "`stdin` when the listening socket is handed over as standard input (`atlas dev` does).",
    },
    Variable {
        name: "ATLAS_DEV_PARENT",
        doc: "Process id of `atlas dev`: the service ends when that process does.",
    },
];

/// The variable of a key: `http.port` is `ATLAS_HTTP__PORT`.
pub(crate) fn name_of<S: AsRef<str>>(path: &[S]) -> String {
    let names: Vec<String> = path
        .iter()
        .map(|name| name.as_ref().replace('-', "_").to_uppercase())
        .collect();
    format!("{PREFIX}{}", names.join("__"))
}
