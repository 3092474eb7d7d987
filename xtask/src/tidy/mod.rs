//! Rules of the house that a tool can check: floors, file sizes, docs, links.

mod docs;
mod files;
mod floors;
mod links;
mod sizes;

use std::path::Path;

use anyhow::{Result, bail};

use crate::shell;

/// One broken rule: where and what.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    place: String,
    text: String,
}

impl Finding {
    fn new(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            text: text.into(),
        }
    }
}

/// Checks the whole workspace and prints every finding.
pub(crate) fn run() -> Result<()> {
    let findings = findings(&shell::root())?;
    for finding in &findings {
        eprintln!("{}: {}", finding.place, finding.text);
    }
    if findings.is_empty() {
        println!("tidy: nothing to say");
        Ok(())
    } else {
        bail!("tidy: {} findings", findings.len())
    }
}

fn findings(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = floors::check(&floors::workspace()?);
    findings.extend(sizes::check(root)?);
    findings.extend(docs::check(root)?);
    findings.extend(links::check(root)?);
    findings.sort();
    Ok(findings)
}
