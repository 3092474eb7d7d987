//! Tests that failed and then passed: named, counted, and too many of them are a failure.

use std::fs;

use anyhow::{Result, bail};

use crate::shell;

/// What has cargo-nextest run a failed test once more. No profile does: tests that run cargo-nextest themselves would inherit
/// its name, and have none of that name.
pub(crate) const ONCE_MORE: [&str; 2] = ["--retries", "1"];
/// Where cargo-nextest reports, below the root.
const REPORT: &str = "target/nextest/default/junit.xml";
/// The most of them in one run. One among thousands of tests with real servers is bad luck; more are a fault.
const MOST: usize = 3;

/// Tests that failed and then passed.
#[derive(Debug)]
pub(crate) struct Flaky(Vec<String>);

impl Flaky {
    /// None yet, and no report of an earlier run.
    pub(crate) fn new() -> Self {
        fs::remove_file(shell::root().join(REPORT)).ok();
        Self(Vec::new())
    }

    /// Adds those of the run that has just ended, if its report is there.
    pub(crate) fn add_last_run(&mut self) {
        let report = shell::root().join(REPORT);
        let Ok(text) = fs::read_to_string(&report) else {
            return;
        };
        self.0.extend(named_in(&text));
        // another run that ends without a report must not count these again
        fs::remove_file(report).ok();
    }

    /// Names them all.
    ///
    /// # Errors
    ///
    /// When they are too many.
    pub(crate) fn report(&self) -> Result<()> {
        for name in &self.0 {
            println!("FLAKY: {name} failed, and passed when it ran once more");
        }
        println!("{} tests were flaky", self.0.len());
        if self.0.len() > MOST {
            bail!("{} flaky tests are too many: at most {MOST}", self.0.len());
        }
        Ok(())
    }
}

/// The tests of a report that have a failure and passed nevertheless.
fn named_in(report: &str) -> Vec<String> {
    let cases = report.split("<testcase ").skip(1);
    let flaky = cases.filter(|case| {
        let case = case.split("</testcase>").next().unwrap_or(case);
        case.contains("<flakyFailure") || case.contains("<flakyError")
    });
    flaky
        .map(|case| {
            let of = |name| attribute(case, name).unwrap_or("?");
            format!("{} {}", of("classname"), of("name"))
        })
        .collect()
}

/// An attribute of the tag that a text begins in.
pub(crate) fn attribute<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let tag = text.split('>').next()?;
    let begin = tag
        .match_indices(name)
        .map(|(at, _)| at)
        .find(|at| *at == 0 || tag.as_bytes()[at - 1] == b' ')?;
    let value = tag[begin + name.len()..].strip_prefix("=\"")?;
    value.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"<?xml version="1.0"?><testsuites>
<testsuite name="jobs::it">
<testcase name="a" classname="jobs::it" time="0.1"></testcase>
<testcase name="b::c" classname="jobs::it" time="0.1">
<flakyFailure timestamp="2026" time="0.2" message="m" type="test failure">out</flakyFailure>
</testcase>
<testcase name="d" classname="jobs::it" time="0.1">
<failure type="test failure">out</failure><rerunFailure type="test failure">again</rerunFailure>
</testcase>
</testsuite></testsuites>"#;

    #[test]
    fn what_passed_at_last_is_named_and_what_failed_is_not() {
        assert_eq!(named_in(REPORT), ["jobs::it b::c"]);
    }

    #[test]
    fn a_few_are_told_and_many_are_a_failure() {
        let flaky = |tests: usize| Flaky(vec!["a test".to_owned(); tests]);
        flaky(MOST).report().unwrap();
        let error = flaky(MOST + 1).report().unwrap_err().to_string();
        assert_eq!(error, "4 flaky tests are too many: at most 3");
    }
}
