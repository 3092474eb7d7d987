//! The crash cases for a long time: once at their full size, then again and again, each time with another seed.

use std::{
    collections::BTreeSet,
    fs,
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    flaky::attribute,
    shell,
    test::{Skips, hold_servers},
};

/// What cargo-nextest runs them by: without the limit of time that other tests have.
const PROFILE: &str = "soak";
/// Where cargo-nextest reports, below the root.
const REPORT: &str = "target/nextest/soak/junit.xml";
/// How many rounds there are, if nothing else is said.
const ROUNDS: u32 = 100;

const USAGE: &str = "usage: cargo xtask soak [--seeds N] [--minutes N] [FILTER]...";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    /// The most rounds.
    rounds: u32,
    /// How long rounds may begin.
    limit: Option<Duration>,
    /// Parts of the names of cases; all of them, if there is none.
    filters: Vec<String>,
}

impl Plan {
    fn of(arguments: &[String]) -> Result<Self> {
        let (mut rounds, mut limit, mut filters) = (None, None, Vec::new());
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let value = arguments.next().map(|it| it.parse::<u32>());
                let value = value.and_then(Result::ok).filter(|it| *it > 0);
                value.with_context(|| format!("`{argument}` takes a number above 0\n{USAGE}"))
            };
            match argument.as_str() {
                "--seeds" => rounds = Some(number()?),
                "--minutes" => limit = Some(Duration::from_secs(60 * u64::from(number()?))),
                flag if flag.starts_with('-') => bail!("there is no `{flag}`\n{USAGE}"),
                filter => filters.push(filter.to_owned()),
            }
        }
        // whoever gives minutes means all of them
        let rounds = rounds.unwrap_or(if limit.is_some() { u32::MAX } else { ROUNDS });
        Ok(Self {
            rounds,
            limit,
            filters,
        })
    }
}

/// A case that failed, and how it is run again.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Failed {
    name: String,
    seed: Option<u64>,
    is_whole: bool,
}

/// Runs them; `arguments` say how many rounds, for how long, and which cases.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let plan = Plan::of(arguments)?;
    if !shell::has_cargo_command("nextest") {
        bail!("a soak needs cargo-nextest: `cargo install --locked cargo-nextest`");
    }
    let held = hold_servers(false)?;
    let skips = Skips::new()?;
    let (begun, first) = (
        Instant::now(),
        RandomState::new().hash_one(std::process::id()),
    );
    let (mut failed, mut runs, mut rounds) = (BTreeSet::new(), 0, 0);
    let mut broken = Ok(());
    let in_time = || plan.limit.is_none_or(|it| begun.elapsed() < it);
    while rounds < plan.rounds && (rounds == 0 || in_time()) {
        let (is_whole, seed) = (rounds == 0, first.wrapping_add(rounds.into()));
        let size = if is_whole { "full" } else { "usual" };
        println!("\n=== round {}: {size} size, seed {seed}", rounds + 1);
        match round(&plan, &skips, seed, is_whole) {
            Ok((cases, bad)) => {
                (runs, rounds) = (runs + cases, rounds + 1);
                failed.extend(bad);
            }
            Err(error) => {
                broken = Err(error);
                break;
            }
        }
    }
    println!(
        "\nsoak: {rounds} rounds with {runs} runs of cases in {:.0?}, {} failed",
        begun.elapsed(),
        failed.len()
    );
    skips.report(&held)?;
    for one in &failed {
        println!("FAILED: {}", again(one));
    }
    broken?;
    if !failed.is_empty() {
        bail!("{} cases failed", failed.len());
    }
    Ok(())
}

/// Runs all cases that were asked for with this seed. Says how many there are, and which failed.
fn round(plan: &Plan, skips: &Skips, seed: u64, is_whole: bool) -> Result<(usize, Vec<Failed>)> {
    let report = shell::root().join(REPORT);
    fs::remove_file(&report).ok();
    let mut command = shell::cargo(["nextest", "run", "--locked", "--package", "crash"]);
    command
        .args(["--profile", PROFILE])
        .args(&plan.filters)
        .env("CRASH_SEED", seed.to_string())
        .env_remove("CRASH_SOAK");
    if is_whole {
        command.env("CRASH_SOAK", "1");
    }
    skips.counted_by(&mut command);
    let outcome = shell::run(&mut command);
    let (cases, bad) = judged(&fs::read_to_string(&report).unwrap_or_default(), is_whole);
    // what did not compile has no cases, and what failed otherwise has none that did
    if cases == 0 || bad.is_empty() {
        outcome?;
    }
    Ok((cases, bad))
}

/// How many cases a report has, and which of them failed.
fn judged(report: &str, is_whole: bool) -> (usize, Vec<Failed>) {
    let cases: Vec<&str> = report.split("<testcase ").skip(1).collect();
    let bad = cases.iter().filter_map(|case| {
        let case = case.split("</testcase>").next().unwrap_or(case);
        let is_bad = case.contains("<failure") || case.contains("<error");
        is_bad.then(|| Failed {
            name: attribute(case, "name").unwrap_or("?").to_owned(),
            seed: seed_in(case),
            is_whole,
        })
    });
    (cases.len(), bad.collect())
}

/// The seed that a case has said when it failed.
fn seed_in(output: &str) -> Option<u64> {
    let (_, rest) = output.split_once("CRASH_SEED=")?;
    let digits = rest.find(|it: char| !it.is_ascii_digit());
    rest[..digits.unwrap_or(rest.len())].parse().ok()
}

/// How a case is run again.
fn again(failed: &Failed) -> String {
    let size = if failed.is_whole { "CRASH_SOAK=1 " } else { "" };
    let seed = failed.seed.map(|it| format!("CRASH_SEED={it} "));
    let name = &failed.name;
    format!(
        "{name}: `{size}{}cargo nextest run --profile {PROFILE} -p crash {name}`",
        seed.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"<?xml version="1.0"?><testsuites>
<testsuite name="crash::it">
<testcase name="jobs::killed::a::redis" classname="crash::it" time="0.1"></testcase>
<testcase name="jobs::ticks::b::sqlite" classname="crash::it" time="0.1">
<failure type="test failure">left: 1</failure>
<system-err>jobs::ticks::b failed with seed 77: `CRASH_SEED=77` runs the same again</system-err>
</testcase>
<testcase name="jobs::wires::c::redis" classname="crash::it" time="0.1">
<failure type="test abort">gone</failure></testcase>
</testsuite></testsuites>"#;

    fn plan(arguments: &[&str]) -> Result<Plan> {
        let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
        Plan::of(&arguments)
    }

    #[test]
    fn what_failed_is_named_with_its_seed() {
        let (count, failed) = judged(REPORT, true);
        let failed: Vec<_> = failed.iter().map(again).collect();
        let soak = "cargo nextest run --profile soak -p crash";
        let wanted = [
            format!(
                "jobs::ticks::b::sqlite: `CRASH_SOAK=1 CRASH_SEED=77 {soak} jobs::ticks::b::sqlite`"
            ),
            format!("jobs::wires::c::redis: `CRASH_SOAK=1 {soak} jobs::wires::c::redis`"),
        ];
        assert_eq!((count, failed), (3, wanted.to_vec()));
    }

    #[test]
    fn a_soak_has_a_hundred_rounds_or_as_many_as_its_minutes_allow() {
        let minutes = |it: u64| Some(Duration::from_secs(60 * it));
        let usual = plan(&[]).unwrap();
        assert_eq!((usual.rounds, usual.limit), (100, None));
        let timed = plan(&["killed", "--minutes", "30"]).unwrap();
        assert_eq!((timed.rounds, timed.limit), (u32::MAX, minutes(30)));
        assert_eq!(timed.filters, ["killed"]);
        let both = plan(&["--seeds", "5", "--minutes", "1"]).unwrap();
        assert_eq!((both.rounds, both.limit), (5, minutes(1)));
    }

    #[test]
    fn what_is_asked_for_wrongly_is_an_error() {
        for wrong in [&["--seeds"][..], &["--seeds", "0"], &["--minutes", "x"]] {
            let error = plan(wrong).unwrap_err().to_string();
            assert!(error.contains("takes a number above 0"), "{error}");
        }
        let error = plan(&["--hours", "1"]).unwrap_err().to_string();
        assert!(error.starts_with("there is no `--hours`"), "{error}");
    }
}
