//! The list of commands.

use clap::{ArgMatches, Command};

use super::{completions, demo, destroy, dev, doctor, explain, generate, help, new, test};
use crate::{Context, Exit, Result};

/// One command of `atlas`.
pub(crate) struct Entry {
    /// Under which heading `atlas --help` lists it.
    pub(crate) group: Group,
    /// Its name, words and arguments.
    pub(crate) command: fn() -> Command,
    /// Does it.
    pub(crate) run: fn(&Context, &ArgMatches) -> Result<Exit>,
}

/// What commands are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Write code.
    Create,
    /// Run and test it.
    Run,
    /// Learn and find out.
    Help,
}

impl Group {
    /// In the order `atlas --help` shows them.
    pub(crate) const ALL: [Self; 3] = [Self::Create, Self::Run, Self::Help];

    /// The heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Run => "Run and test",
            Self::Help => "Find out",
        }
    }
}

/// Every command, in the order `atlas --help` shows them.
pub(crate) const ALL: &[Entry] = &[
    Entry {
        group: Group::Create,
        command: new::command,
        run: new::run,
    },
    Entry {
        group: Group::Create,
        command: generate::command,
        run: generate::run,
    },
    Entry {
        group: Group::Create,
        command: destroy::command,
        run: destroy::run,
    },
    Entry {
        group: Group::Run,
        command: dev::command,
        run: dev::run,
    },
    Entry {
        group: Group::Run,
        command: test::command,
        run: test::run,
    },
    Entry {
        group: Group::Run,
        command: demo::command,
        run: demo::run,
    },
    Entry {
        group: Group::Run,
        command: doctor::command,
        run: doctor::run,
    },
    Entry {
        group: Group::Help,
        command: help::command,
        run: help::run,
    },
    Entry {
        group: Group::Help,
        command: explain::command,
        run: explain::run,
    },
    Entry {
        group: Group::Help,
        command: completions::command,
        run: completions::run,
    },
];

/// The examples a help page leads with, for `Command::before_help`: `(command line, what it is for)`.
///
/// The tests of `tests/it/examples.rs` run every line, so it must work as it stands inside a service (`atlas new`
/// in any folder).
pub(crate) fn examples(lines: &[(&str, &str)]) -> String {
    let width = lines.iter().map(|(line, _)| line.len()).max().unwrap_or(0);
    let mut text = String::from("Examples:");
    for (line, about) in lines {
        text.push_str(&format!("\n  {line:<width$}  # {about}"));
    }
    text
}
