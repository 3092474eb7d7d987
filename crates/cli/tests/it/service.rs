//! Commands that the service's own binary answers, and its tests.

use crate::support::{Fixture, atlas, stderr, stdout};

#[test]
fn an_unknown_command_is_handed_to_the_service_with_its_arguments() {
    let echo = Fixture::new();
    let output = echo
        .atlas(&["migrate", "up", "--to", "3"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        stdout(&output).lines().next(),
        Some("migrate [\"up\", \"--to\", \"3\"]")
    );
}

#[test]
fn the_status_of_the_service_is_the_status_of_atlas() {
    let output = Fixture::new().atlas(&["fail"]).output().unwrap();
    assert_eq!(output.status.code(), Some(65), "{}", stderr(&output));
}

#[test]
fn nobody_stands_between_the_caller_and_the_service() {
    let echo = Fixture::new();
    let child = echo
        .atlas(&["routes"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id();
    let output = child.wait_with_output().unwrap();
    assert!(
        stdout(&output).contains(&format!("pid {id}\n")),
        "signals reach the service itself: {}",
        stdout(&output)
    );
}

#[test]
fn json_before_the_command_reaches_the_service() {
    let output = Fixture::new()
        .atlas(&["--json", "routes"])
        .output()
        .unwrap();
    assert_eq!(
        stdout(&output).lines().next(),
        Some("routes [\"--json\"]"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn an_outer_cargo_does_not_make_the_inner_one_build_again() {
    let echo = Fixture::new();
    for (manifest, package) in [("/elsewhere", "outer"), ("/somewhere", "other")] {
        let mut command = echo.atlas(&["routes"]);
        command
            .env("CARGO_MANIFEST_DIR", manifest)
            .env("CARGO_PKG_NAME", package);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    assert_eq!(echo.read("build-runs").lines().count(), 1);
}

#[test]
fn a_command_of_services_outside_of_one_says_where_to_go() {
    let nowhere = tempfile::tempdir().unwrap();
    let output = atlas(&["migrate", "up"])
        .current_dir(nowhere.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(
        text.starts_with("error: `atlas migrate` works inside a service, and `"),
        "{text}"
    );
    assert!(
        text.contains("= help: create a service: `atlas new shop`"),
        "{text}"
    );
}

#[test]
fn the_service_is_found_from_a_folder_inside_of_it() {
    let echo = Fixture::new();
    let output = echo.atlas(&["-C", "src", "routes"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_manifest_that_is_no_toml_is_named() {
    let echo = Fixture::new();
    echo.write("Cargo.toml", "[package\n");
    let output = echo.atlas(&["routes"]).output().unwrap();
    assert_eq!(output.status.code(), Some(65));
    assert!(
        stderr(&output).contains("--> ") && stderr(&output).contains("Cargo.toml"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn atlas_test_runs_the_tests_of_the_service() {
    let echo = Fixture::new();
    let output = echo.atlas(&["test"]).output().unwrap();
    let said = stdout(&output) + &stderr(&output);
    assert!(
        output.status.success() && said.contains("two_and_two_is_four"),
        "{said}"
    );
    echo.write(
        "tests/answers.rs",
        "#[test]\nfn two_and_two_is_five() {\n    assert_eq!(2 + 2, 5);\n}\n",
    );
    let output = echo.atlas(&["test"]).output().unwrap();
    assert!(!output.status.success());
    let output = echo
        .atlas(&["test", "no_such_name", "--", "--no-tests=pass"])
        .output()
        .unwrap();
    assert!(output.status.success() || !nextest(), "{}", stderr(&output));
}

fn nextest() -> bool {
    std::process::Command::new("cargo")
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|it| it.status.success())
}

#[test]
fn a_misspelled_command_is_told_before_anything_is_built() {
    let echo = Fixture::new();
    let output = echo.atlas(&["tset"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("= help: did you mean `atlas test`?"),
        "{}",
        stderr(&output)
    );
    assert!(!echo.path().join("target").exists());
    let nowhere = tempfile::tempdir().unwrap();
    let output = atlas(&["migrat"])
        .current_dir(nowhere.path())
        .output()
        .unwrap();
    assert!(
        stderr(&output).contains("= help: did you mean `atlas migrate`?"),
        "{}",
        stderr(&output)
    );
}
