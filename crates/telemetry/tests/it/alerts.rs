//! The alert rules that are shipped.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use atlas_telemetry::names::{self, Kind, Metric};
use saphyr_parser::{Event, Parser, StrInput};
use serde_json::{Map, Value};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/prometheus");
    let files = std::fs::read_dir(folder).unwrap();
    let files: Vec<_> = files.map(|it| it.unwrap().path()).collect();
    assert!(!files.is_empty());
    files
}

/// A value of YAML, all scalars as texts.
fn value<'a>(event: Event<'a>, events: &mut Parser<'a, StrInput<'a>>) -> Value {
    match event {
        Event::Scalar(text, ..) => Value::String(text.into_owned()),
        Event::SequenceStart(..) => {
            let mut all = Vec::new();
            loop {
                match next(events) {
                    Event::SequenceEnd => return Value::Array(all),
                    item => all.push(value(item, events)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut all = Map::new();
            loop {
                match next(events) {
                    Event::MappingEnd => return Value::Object(all),
                    key => {
                        let key = value(key, events).as_str().unwrap().to_owned();
                        let member = next(events);
                        let member = value(member, events);
                        assert!(all.insert(key.clone(), member).is_none(), "`{key}` twice");
                    }
                }
            }
        }
        other => panic!("no value: {other:?}"),
    }
}

fn next<'a>(events: &mut Parser<'a, StrInput<'a>>) -> Event<'a> {
    events.next_event().expect("there is more").unwrap().0
}

/// The one document of a text.
fn document(text: &str) -> Value {
    let mut events = Parser::new_from_str(text);
    loop {
        match next(&mut events) {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            event => return value(event, &mut events),
        }
    }
}

/// The rules of all files.
fn rules() -> Vec<Value> {
    let mut rules = Vec::new();
    for file in files() {
        let document = document(&std::fs::read_to_string(&file).unwrap());
        assert_eq!(keys(&document), ["groups"], "{}", file.display());
        for group in document["groups"].as_array().unwrap() {
            assert_eq!(keys(group), ["name", "rules"], "{}", file.display());
            rules.extend(group["rules"].as_array().unwrap().clone());
        }
    }
    rules
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

/// The words of an expression, and whether they are quoted.
fn words(expression: &str) -> Vec<(&str, bool)> {
    let mut words = Vec::new();
    for (at, part) in expression.split('"').enumerate() {
        if at % 2 == 1 {
            words.push((part, true));
            continue;
        }
        let name = |char: char| char.is_ascii_alphanumeric() || char == '_';
        let parts = part.split(|char| !name(char));
        words.extend(parts.filter(|it| !it.is_empty()).map(|it| (it, false)));
    }
    words
}

/// What the name of a series belongs to.
fn metric(series: &str) -> Option<&'static Metric> {
    let family = ["_bucket", "_sum", "_count"];
    let family = family.iter().find_map(|end| series.strip_suffix(end));
    names::METRICS.iter().find(|metric| {
        let exposed = metric.exposed();
        match metric.kind {
            Kind::Histogram => Some(exposed.as_str()) == family,
            _ => exposed == series,
        }
    })
}

/// The words of the language of expressions that the rules use.
const LANGUAGE: &[&str] = &[
    "and",
    "by",
    "deriv",
    "histogram_quantile",
    "increase",
    "max",
    "on",
    "rate",
    "sum",
    "unless",
];

#[test]
fn rules_have_the_shape_that_prometheus_takes() {
    let mut names = BTreeSet::new();
    for rule in rules() {
        for key in keys(&rule) {
            let known = ["alert", "expr", "for", "labels", "annotations"].contains(&key);
            assert!(known, "`{key}`: {rule}");
        }
        let name = rule["alert"].as_str().unwrap().to_owned();
        assert!(names.insert(name.clone()), "`{name}` twice");
        if let Some(wait) = rule.get("for") {
            let minutes = wait.as_str().unwrap().strip_suffix('m').unwrap();
            assert!(minutes.parse::<u32>().unwrap() > 0, "{rule}");
        }
        let severity = rule["labels"]["severity"].as_str().unwrap();
        assert!(["warning", "critical"].contains(&severity), "{rule}");
        assert_eq!(keys(&rule["annotations"]), ["description", "summary"]);
        let expression = rule["expr"].as_str().unwrap();
        for pair in ["()", "[]", "{}"] {
            let count = |at: usize| expression.matches(&pair[at..=at]).count();
            assert_eq!(count(0), count(1), "{expression}");
        }
    }
    assert!(names.len() >= 8, "{names:?}");
}

#[test]
fn every_name_in_a_rule_is_one_that_is_emitted() {
    for rule in rules() {
        let expression = rule["expr"].as_str().unwrap();
        let words = words(expression);
        let mut known: BTreeSet<&str> = BTreeSet::from(["job", "le"]);
        let mut found = 0;
        for (word, quoted) in &words {
            if let (false, Some(metric)) = (quoted, metric(word)) {
                known.extend(metric.labels);
                found += 1;
            }
        }
        assert!(found > 0, "{expression}");
        for (word, quoted) in &words {
            let number = || word.starts_with(|char: char| char.is_ascii_digit());
            let sound = *quoted
                || number()
                || metric(word).is_some()
                || LANGUAGE.contains(word)
                || known.contains(word);
            assert!(sound, "`{word}` in {expression}");
        }
        // what is said to people names labels too
        let said = rule["annotations"].to_string();
        for label in said.split("$labels.").skip(1) {
            let label = label.split([' ', '}']).next().unwrap();
            assert!(known.contains(label), "`{label}`: {said}");
        }
    }
}

#[test]
fn every_alert_is_on_the_page_about_telemetry() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/telemetry.md");
    let page = std::fs::read_to_string(file).unwrap();
    for rule in rules() {
        let name = rule["alert"].as_str().unwrap();
        assert!(page.contains(&format!("| `{name}` |")), "`{name}`");
    }
}

#[test]
fn prometheus_takes_them_where_it_is_installed() {
    for file in files() {
        // elsewhere the tests above say what can be said without it
        let Ok(checked) = Command::new("promtool")
            .args(["check", "rules"])
            .arg(&file)
            .output()
        else {
            return;
        };
        assert!(checked.status.success(), "{checked:?}");
    }
}
