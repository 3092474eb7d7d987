//! A server that is not there.

use std::fmt;
use std::fs::OpenOptions;
use std::io::Write;

use crate::kind::Kind;

/// Why there is no server of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    kind: Kind,
    why: Vec<String>,
    wrong: bool,
}

impl Absent {
    /// This machine has none; one reason a rung.
    pub(crate) fn none(kind: Kind, why: Vec<String>) -> Self {
        Self {
            kind,
            why,
            wrong: false,
        }
    }

    /// There should be one, and it is broken.
    pub(crate) fn wrong(kind: Kind, why: impl Into<String>) -> Self {
        Self {
            kind,
            why: vec![why.into()],
            wrong: true,
        }
    }

    /// Which kind is missing.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether there should be one: a URL that does not work, a program that does not start. Such a test has failed.
    pub fn is_wrong(&self) -> bool {
        self.wrong
    }
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, why, wrong } = self;
        let why = why.join("; ");
        match wrong {
            true => write!(f, "{kind} does not work: {why}"),
            false => write!(f, "no {kind}: {why}\n  help: {}", kind.way_out()),
        }
    }
}

impl std::error::Error for Absent {}

/// Says aloud that a test was skipped, and counts it in the file that `ATLAS_TEST_SKIPS` names, one line each.
///
/// # Panics
/// When the server is not missing but broken, or when `ATLAS_TEST_REQUIRE` (`postgres,mariadb`) names its kind.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "a test that must not be skipped fails instead"
)]
pub fn skipped(what: &Absent) {
    if what.wrong {
        panic!("{what}");
    }
    let required = std::env::var("ATLAS_TEST_REQUIRE").unwrap_or_default();
    if required
        .split(',')
        .any(|word| Kind::of_word(word.trim()) == Some(what.kind))
    {
        panic!("{what}\n  `ATLAS_TEST_REQUIRE` says that it must be here");
    }
    let test = test_name();
    // past the harness, which keeps to itself what a passing test prints
    let _ = writeln!(std::io::stderr(), "SKIPPED: `{test}`: {what}");
    if let Some(path) = std::env::var_os("ATLAS_TEST_SKIPS") {
        let line = format!("{}\t{test}\n", what.kind.word());
        let counted = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(line.as_bytes()));
        if let Err(error) = counted {
            panic!("a skip could not be counted in {}: {error}", path.display());
        }
    }
}

fn test_name() -> String {
    let of_thread = || std::thread::current().name().map(str::to_owned);
    std::env::var("NEXTEST_TEST_NAME")
        .ok()
        .or_else(of_thread)
        .unwrap_or_else(|| "a test".to_owned())
}
