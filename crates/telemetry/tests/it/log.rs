//! The lines of a real process.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::golden;

/// The example `speaker`, which cargo builds together with the tests.
fn speaker(args: &[&str]) -> Command {
    let tests = std::env::current_exe().unwrap();
    let built = tests.parent().unwrap().parent().unwrap();
    let file = built.join("examples/speaker");
    assert!(
        file.exists(),
        "build it first: `cargo build -p atlas-kit-telemetry --example speaker`"
    );
    let mut command = Command::new(file);
    command.args(args).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command
}

fn stdout(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// Replaces the time, which is the first thing on a line, and the random id of a span.
fn steady(text: &str) -> String {
    text.lines()
        .map(|line| {
            let line = match line.strip_prefix("{\"timestamp\":\"") {
                Some(rest) => format!(
                    "{{\"timestamp\":\"<now>{}",
                    &rest["2026-11-22T14:00:24.123456Z".len()..]
                ),
                None => {
                    let start = if line.starts_with('\u{1b}') {
                        "\u{1b}[2m".len()
                    } else {
                        0
                    };
                    format!(
                        "{}<time>{}",
                        &line[..start],
                        &line[start + "14:00:24.123".len()..]
                    )
                }
            };
            let mut line = line;
            for key in ["\"span_id\":\"", "span_id="] {
                if let Some(at) = line.find(key) {
                    line.replace_range(at + key.len()..at + key.len() + 16, "<span>");
                }
            }
            line + "\n"
        })
        .collect()
}

#[test]
fn json_lines_say_everything_that_was_logged() {
    let text = stdout(&mut speaker(&["json", "scenario"]));
    golden::assert("scenario.json", &steady(&text));
}

#[test]
fn every_line_inside_a_request_has_its_ids() {
    let lines = json(&stdout(&mut speaker(&["json", "scenario"])));
    let inside: Vec<_> = lines
        .iter()
        .filter(|line| {
            !matches!(
                line["message"].as_str(),
                Some("starting" | "sent" | "cannot save")
            )
        })
        .collect();
    assert_eq!(inside.len(), 4);
    for line in &inside {
        assert_eq!(line["request_id"], "req-7", "{line}");
        assert_eq!(line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(line["span_id"], inside[0]["span_id"]);
        assert_ne!(line["span_id"], "00f067aa0ba902b7");
        assert_eq!(line["trace_flags"], "01");
    }
    let routes = inside
        .iter()
        .filter(|it| it["http.route"] == "/products/{id}");
    assert_eq!(routes.count(), 3);
}

#[test]
fn every_line_of_a_job_says_which_one_and_which_attempt() {
    let lines = json(&stdout(&mut speaker(&["json", "scenario"])));
    let line = lines.iter().find(|line| line["message"] == "sent").unwrap();
    assert_eq!(line["job.id"], "0197c1f2");
    assert_eq!(line["job.kind"], "send_\"receipt\"");
    assert_eq!(line["job.attempt"], 2);
    assert_eq!(line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(
        line["field.job.id"], 7,
        "what the code says itself is kept apart"
    );
    assert!(lines.iter().filter(|it| it["job.id"].is_string()).count() == 1);
}

#[test]
fn people_read_one_plain_line_an_event() {
    let text = stdout(&mut speaker(&["pretty", "scenario"]));
    golden::assert("scenario.txt", &steady(&text));
}

#[test]
fn colours_are_ours_alone() {
    let text = stdout(speaker(&["pretty", "scenario"]).env("CLICOLOR_FORCE", "1"));
    assert!(text.contains("\u{1b}[32m  INFO\u{1b}[0m"), "{text}");
    assert!(text.contains("\\u{1b}[31mred"), "{text}");
    golden::assert("scenario.ansi", &steady(&text));
}

#[test]
fn the_end_of_the_process_loses_no_line() {
    let lines = json(&stdout(&mut speaker(&["json", "many"])));
    let numbers: Vec<_> = lines
        .iter()
        .map(|line| line["n"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (0..20_000).collect::<Vec<_>>());
}

#[test]
fn an_error_is_written_at_once() {
    let mut child = speaker(&["json", "error"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(json(&line)[0]["message"], "the last words before the end");
}

#[test]
fn a_panic_is_one_structured_line() {
    let lines = json(&stdout(&mut speaker(&["json", "panic"])));
    let [panic, after] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    assert_eq!(panic["level"], "ERROR");
    assert_eq!(panic["target"], "atlas::panic");
    assert_eq!(panic["message"], "panicked: no \"way\" out");
    assert_eq!(panic["exception.type"], "panic");
    assert_eq!(panic["exception.message"], "no \"way\" out");
    assert_eq!(panic["thread"], "doomed");
    let location = panic["location"].as_str().unwrap();
    assert!(location.contains("examples/speaker.rs:"), "{location}");
    assert_eq!(after["message"], "still here");
}

#[test]
fn a_panic_carries_its_stack_when_asked_to() {
    let lines = json(&stdout(
        speaker(&["json", "panic"]).env("RUST_BACKTRACE", "1"),
    ));
    let stack = lines[0]["exception.stacktrace"].as_str().unwrap();
    assert!(stack.contains("speaker::fail"), "{stack}");
}

#[test]
fn a_second_subscriber_is_refused() {
    let lines = json(&stdout(&mut speaker(&["json", "twice"])));
    let error = lines[0]["error"].as_str().unwrap();
    assert!(
        error.contains("has a `tracing` subscriber already"),
        "{error}"
    );
}

#[test]
fn a_reader_that_goes_away_does_not_stop_the_process() {
    let mut child = speaker(&["json", "many"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
