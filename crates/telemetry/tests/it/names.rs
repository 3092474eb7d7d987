//! The names, and the page about them.

use std::fmt::Write;
use std::path::Path;

use atlas_telemetry::names::{self, Metric};

use crate::golden;

#[test]
fn a_name_changes_only_on_purpose() {
    let mut text = String::new();
    for metric in names::METRICS {
        let labels = metric.labels.join(",");
        writeln!(
            text,
            "{} {} {{{labels}}} {:?}",
            metric.exposed(),
            metric.kind,
            metric.buckets
        )
        .unwrap();
    }
    let fields = [names::log::ALWAYS, names::log::REQUEST, names::log::JOB];
    for field in fields.concat() {
        writeln!(text, "log {field}").unwrap();
    }
    golden::assert("names.txt", &text);
}

#[test]
fn names_follow_the_rules_of_prometheus() {
    for metric in names::METRICS {
        let exposed = metric.exposed();
        let valid = |text: &str| {
            text.bytes()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
        };
        assert!(valid(&exposed), "{exposed}");
        assert!(metric.labels.iter().all(|it| valid(it)), "{exposed}");
        assert!(!metric.help.ends_with('.'), "{exposed}");
        assert_eq!(
            metric.kind == names::Kind::Histogram,
            !metric.buckets.is_empty(),
            "{exposed}"
        );
        assert!(metric.buckets.is_sorted(), "{exposed}");
    }
    let mut all: Vec<_> = names::METRICS.iter().map(Metric::exposed).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), names::METRICS.len());
    for metric in names::jobs::METRICS {
        assert!(
            all.contains(&metric.exposed()),
            "{} is in no list",
            metric.name
        );
    }
}

#[test]
fn the_page_about_telemetry_is_fresh() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/telemetry.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let (head, rest) = page
        .split_once(BEGIN)
        .expect("the page has a place for the tables");
    let (_, tail) = rest.split_once(END).expect("the tables have an end");
    let fresh = format!("{head}{BEGIN}{}{END}{tail}", tables());
    golden::assert_file(&file, &fresh);
}

const BEGIN: &str = "<!-- generated from crates/telemetry/src/names: begin -->\n";
const END: &str = "<!-- generated: end -->\n";

fn tables() -> String {
    let mut text = "\n| metric | kind | labels | what it measures | semantic convention |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for metric in names::METRICS {
        let labels: Vec<_> = metric.labels.iter().map(|it| format!("`{it}`")).collect();
        writeln!(
            text,
            "| `{}` | {} | {} | {} | `{}` |",
            metric.exposed(),
            metric.kind,
            labels.join(", "),
            metric.help,
            metric.name
        )
        .unwrap();
    }
    text.push('\n');
    text
}
