//! `serve`: a real process from start to end.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::golden;
use crate::support::{Running, Service, program};

fn line(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_service_says_what_it_is_and_ends_well_after_a_signal() {
    let service = Service::new("quiet").file("config/default.toml", "[log]\nlevel = \"info\"\n");
    for signal in ["TERM", "INT"] {
        let mut running = service.start(&["--profile", "production"]);
        let report = line(&running.wait_for("quiet is ready"));
        assert_eq!(report["target"], "atlas::startup");
        assert_eq!(report["profile"], "production");
        assert_eq!(report["config"], "config/default.toml");
        assert_eq!(report["log"], "info");
        assert_eq!(report["atlas"], env!("CARGO_PKG_VERSION"));
        running.signal(signal);
        let (code, rest) = running.end();
        assert_eq!(code, 0, "{rest}");
    }
}

#[test]
fn stopping_has_the_time_that_requests_in_flight_are_promised() {
    let service = Service::new("unhurried");
    let mut running = service.start(&[
        "--profile",
        "test",
        "--set",
        "http.port=0",
        "--set",
        "log.level=info",
    ]);
    running.wait_for("unhurried is ready");
    running.signal("TERM");
    let (code, rest) = running.end();
    assert_eq!(code, 0, "{rest}");
}

#[test]
fn only_the_selected_process_runs() {
    let mut running = Service::new("quiet").start(&["serve", "tick"]);
    running.wait_for("quiet is ready");
    running.signal("TERM");
    assert_eq!(running.end().0, 0);
}

#[test]
fn a_service_that_does_not_start_says_why() {
    let ran = Service::new("failing").run(&["serve"]).ends_with(1);
    golden::assert("serve-failing.txt", &ran.text());
}

#[test]
fn an_unsound_graph_starts_nothing() {
    let ran = Service::new("broken").run(&["serve"]).ends_with(1);
    assert!(
        ran.err.starts_with("error[A001]: missing component"),
        "{ran:#?}"
    );
}

#[test]
fn a_panic_ends_with_70() {
    let ran = Service::new("panicking").run(&[]).ends_with(70);
    assert!(ran.err.contains("nobody can describe it"), "{ran:#?}");
}

#[test]
fn nothing_is_coloured_but_on_a_terminal() {
    let service = Service::new("failing");
    assert!(!service.run(&[]).err.contains('\u{1b}'));
    let coloured = Service::new("failing")
        .env("CLICOLOR_FORCE", "1")
        .run(&[])
        .err;
    assert!(
        coloured.starts_with("\u{1b}[1;31merror[A101]"),
        "{coloured}"
    );
}

#[test]
fn a_service_ends_with_the_process_that_develops_it() {
    let service = Service::new("quiet");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ATLAS_DEV_PARENT=$$ \"$0\" serve & wait"])
        .arg(program())
        .current_dir(service.dir())
        .env("FIXTURE", "quiet")
        .stdin(Stdio::null());
    let mut running = Running::new(shell);
    running.wait_for("quiet is ready");
    // the service inherited the pipe: it ends when both are gone
    running.signal("KILL");
    let (_, rest) = running.end();
    assert!(!rest.contains("ERROR"), "{rest}");
}

#[test]
fn a_service_that_lost_its_developer_before_it_began_ends_at_once() {
    let mut child = Service::new("quiet")
        .command(&["serve"])
        .env("ATLAS_DEV_PARENT", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut text = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{text}");
}
