//! Commands that look at the app.

use crate::golden;
use crate::support::Service;

#[test]
fn a_sound_service_passes_its_check() {
    let ran = Service::new("quiet").run(&["check"]).ends_with(0);
    golden::assert("check.txt", &ran.text());
}

#[test]
fn an_unsound_graph_is_told_with_everything_else_that_is_wrong() {
    let service = Service::new("broken");
    let ran = service
        .run(&["check", "--set", "log.level=loud"])
        .ends_with(1);
    golden::assert("check-broken.txt", &ran.text());
    let json = service
        .run(&["check", "--set", "log.level=loud", "--json"])
        .ends_with(1)
        .json();
    assert_eq!(json["graph"][0]["code"], "A001");
    assert_eq!(json["config"][0]["key"], "log.level");
}

#[test]
fn a_check_of_the_configuration_alone_ends_with_78() {
    let service = Service::new("quiet");
    let ran = service
        .run(&["check", "--set", "log.level=loud"])
        .ends_with(78);
    assert!(ran.err.starts_with("error[A205]: "), "{ran:#?}");
    assert_eq!(ran.out, "");
}

#[test]
fn an_app_without_configuration_is_told_how_to_get_one() {
    let ran = Service::new("bare").run(&[]).ends_with(78);
    golden::assert("bare.txt", &ran.text());
}

#[test]
fn the_graph_is_drawn_in_three_ways() {
    let service = Service::new("quiet");
    let mermaid = service.run(&["graph"]).ends_with(0).out;
    assert!(mermaid.starts_with("flowchart"), "{mermaid}");
    assert!(mermaid.contains("tick"), "{mermaid}");
    let dot = service.run(&["graph", "--format", "dot"]).ends_with(0).out;
    assert!(dot.starts_with("digraph"), "{dot}");
    let json = service.run(&["graph", "--json"]).ends_with(0).json();
    let named = service
        .run(&["graph", "--format", "json"])
        .ends_with(0)
        .json();
    assert!(json["nodes"].as_array().unwrap().len() > 3);
    assert_eq!(json, named);
}

#[test]
fn an_unsound_graph_is_drawn_too() {
    let ran = Service::new("broken")
        .run(&["graph", "--json"])
        .ends_with(0);
    assert!(ran.out.contains("A001"), "{ran:#?}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let service = Service::new("quiet");
    let mut command = service.command(&["config", "reference"]);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
