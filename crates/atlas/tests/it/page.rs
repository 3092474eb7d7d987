//! The page about operations says what the help says.

use std::path::Path;

use crate::support::Service;

fn page() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let help = Service::new("notes").run(&["--help"]).out;
    let (_, codes) = help.split_once("Exit codes:\n").unwrap();
    assert!(page().contains(codes.trim_end()), "{codes}");
}

#[test]
fn every_command_is_on_the_page() {
    let help = Service::new("notes").run(&["--help"]).out;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    let page = page();
    let names: Vec<_> = commands
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() >= 9, "{names:?}");
    for name in names {
        assert!(page.contains(&format!("`shop {name}")), "{name}");
    }
}
