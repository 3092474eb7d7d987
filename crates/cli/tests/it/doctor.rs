//! `atlas doctor`: each thing is broken in turn, and must be found with its fix.

use std::{os::unix::fs::PermissionsExt, path::Path, process::Command};

use serde_json::Value;

use crate::support::{Fixture, atlas, binary, stderr, stdout};

/// All checks by name, and the exit status.
fn doctor(command: &mut Command) -> (Value, i32) {
    let output = command.output().unwrap();
    let report: Value = serde_json::from_str(&stdout(&output))
        .unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)));
    assert_eq!(report["version"], 1);
    assert_eq!(report["ok"], output.status.success());
    for check in report["checks"].as_array().unwrap() {
        let bad = check["state"] == "failed" || check["state"] == "warning";
        assert_eq!(
            bad,
            check["fix"].is_string(),
            "what is bad has a fix: {check}"
        );
    }
    (report, output.status.code().unwrap())
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == name)
        .unwrap_or_else(|| panic!("{report}"))
}

#[track_caller]
fn assert_failed((report, status): &(Value, i32), name: &str, message: &str, fix: &str) {
    let check = check(report, name);
    assert_eq!(
        (check["state"].as_str(), *status),
        (Some("failed"), 3),
        "{check}"
    );
    assert!(
        check["message"].as_str().unwrap().contains(message),
        "{check}"
    );
    assert!(check["fix"].as_str().unwrap().contains(fix), "{check}");
}

/// A folder for `PATH` with these scripts and links.
fn path_with(scripts: &[(&str, &str)], links: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in scripts {
        let file = folder.path().join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
    }
    for name in links {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|folder| folder.join(name))
            .find(|it| it.exists());
        std::os::unix::fs::symlink(found.unwrap(), folder.path().join(name)).unwrap();
    }
    folder
}

fn doctor_with_path(fixture: &Fixture, path: &Path) -> (Value, i32) {
    doctor(fixture.atlas(&["doctor", "--json"]).env("PATH", path))
}

#[test]
fn a_machine_that_builds_this_passes_and_an_unbuilt_service_is_said_to_be_so() {
    let (report, _) = doctor(&mut Fixture::new().atlas(&["doctor", "--json"]));
    for name in ["toolchain", "linker", "git", "port"] {
        assert_eq!(check(&report, name)["state"], "ok", "{report}");
    }
    assert!(
        check(&report, "toolchain")["message"]
            .as_str()
            .unwrap()
            .starts_with("rustc 1.")
    );
    for name in ["config", "migrations"] {
        assert_eq!(check(&report, name)["state"], "skipped");
        assert!(
            check(&report, name)["message"]
                .as_str()
                .unwrap()
                .contains("not built yet")
        );
    }
}

#[test]
fn without_rust_it_says_how_to_get_it() {
    let nothing = tempfile::tempdir().unwrap();
    let report = doctor_with_path(&Fixture::new(), nothing.path());
    assert_failed(
        &report,
        "toolchain",
        "`cargo` cannot be started",
        "https://rustup.rs",
    );
    assert_eq!(check(&report.0, "git")["state"], "warning");
    assert!(
        check(&report.0, "nextest")["fix"]
            .as_str()
            .unwrap()
            .contains("cargo install cargo-nextest")
    );
}

#[test]
fn a_compiler_that_is_too_old_is_to_be_updated() {
    let old = path_with(
        &[
            ("cargo", "echo cargo 1.60.0"),
            ("rustc", "echo 'rustc 1.60.0 (7737e0b5c 2022-04-04)'"),
        ],
        &[],
    );
    let report = doctor_with_path(&Fixture::new(), old.path());
    assert_failed(
        &report,
        "toolchain",
        concat!(
            "rustc 1.60.0 (7737e0b5c 2022-04-04) is older than ",
            env!("CARGO_PKG_RUST_VERSION")
        ),
        "rustup update",
    );
}

#[test]
fn without_a_linker_it_says_which_package_has_one() {
    let rust_only = path_with(&[], &["cargo", "rustc"]);
    let report = doctor_with_path(&Fixture::new(), rust_only.path());
    assert_failed(
        &report,
        "linker",
        "linker `cc` not found",
        "build-essential",
    );
    assert_eq!(check(&report.0, "toolchain")["state"], "ok", "{}", report.0);
}

#[test]
fn a_port_in_use_is_found_with_one_that_is_free() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let echo = Fixture::new();
    echo.write("config/default.toml", &format!("[http]\nport = {port}\n"));
    let report = doctor(&mut echo.atlas(&["doctor", "--json"]));
    assert_failed(
        &report,
        "port",
        &format!("port {port} on `127.0.0.1` is in use (from config/default.toml)"),
        "atlas dev --port",
    );
}

#[test]
fn what_the_built_service_says_of_its_configuration_and_migrations_is_passed_on() {
    let echo = Fixture::new();
    assert!(echo.atlas(&["routes"]).output().unwrap().status.success());
    let (report, _) = doctor(&mut echo.atlas(&["doctor", "--json"]));
    assert_eq!(check(&report, "config")["state"], "ok");
    assert_eq!(check(&report, "migrations")["state"], "ok");

    echo.write("migration", "pending");
    let (report, _) = doctor(&mut echo.atlas(&["doctor", "--json"]));
    let development = check(&report, "migrations");
    assert_eq!(
        development["state"], "ok",
        "development applies what is pending: {development}"
    );
    assert!(
        development["message"]
            .as_str()
            .unwrap()
            .contains("`create_orders`"),
        "{development}"
    );

    echo.write("config/default.toml", "[http]\nport = 0\n# refuse\n");
    let report = doctor(&mut echo.atlas(&["doctor", "--json"]));
    assert_failed(
        &report,
        "migrations",
        "pending: `create_orders`",
        "atlas migrate up",
    );

    echo.write("migration", "unknown");
    let report = doctor(&mut echo.atlas(&["doctor", "--json"]));
    assert_failed(
        &report,
        "migrations",
        "the code does not know: `create_orders`",
        "atlas migrate down",
    );

    echo.write(
        "config/default.toml",
        "[http]\nport = 0\ngreeting = \"broken\"\n",
    );
    let report = doctor(&mut echo.atlas(&["doctor", "--json"]));
    assert_failed(
        &report,
        "config",
        "error[A205]: `http.greeting` is broken",
        "atlas config explain",
    );
    assert_eq!(check(&report.0, "migrations")["state"], "skipped");
}

#[test]
fn a_service_of_another_version_of_the_framework_is_found() {
    let echo = Fixture::new();
    echo.write(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"atlas-kit\"\nversion = \"99.0.0\"\n",
    );
    let (report, _) = doctor(&mut echo.atlas(&["doctor", "--json"]));
    let version = check(&report, "version");
    assert_eq!(version["state"], "warning");
    assert!(
        version["fix"]
            .as_str()
            .unwrap()
            .contains("--version 99.0.0"),
        "{version}"
    );
}

#[test]
fn too_few_open_files_are_found() {
    let mut shell = Command::new("bash");
    shell
        .args(["-c", "ulimit -n 200 && \"$0\" doctor --json"])
        .arg(binary());
    assert_failed(
        &doctor(&mut shell),
        "open-files",
        "may open 200 files",
        "ulimit -n 4096",
    );
}

#[test]
fn outside_of_a_service_only_the_machine_is_checked() {
    let nowhere = tempfile::tempdir().unwrap();
    let (report, _) = doctor(atlas(&["doctor", "--json"]).current_dir(nowhere.path()));
    assert_eq!(check(&report, "service")["state"], "skipped");
    assert!(
        report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .all(|check| check["name"] != "port")
    );
}

#[test]
fn a_person_reads_the_fix_below_the_failure() {
    let nothing = tempfile::tempdir().unwrap();
    let output = Fixture::new()
        .atlas(&["doctor"])
        .env("PATH", nothing.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let text = stdout(&output);
    let lines: Vec<_> = text.lines().collect();
    assert!(
        lines[0].starts_with(" failed  toolchain     `cargo` cannot be started"),
        "{text}"
    );
    assert_eq!(
        lines[1],
        "                       fix: install Rust: https://rustup.rs"
    );
}

#[test]
fn what_a_command_repairs_is_repaired_when_asked_to_and_looked_at_again() {
    let echo = Fixture::new();
    echo.write("config/default.toml", "[http]\nport = 0\n# refuse\n");
    echo.write("migration", "pending");
    let (report, status) = doctor(&mut echo.atlas(&["doctor", "--json"]));
    assert_eq!(
        (check(&report, "config")["state"].as_str(), status),
        (Some("skipped"), 0)
    );

    // builds the service, which then says that a migration is pending, and applies it
    let output = echo.atlas(&["doctor", "--fix"]).output().unwrap();
    let (out, err) = (stdout(&output), stderr(&output));
    assert!(output.status.success(), "{out}{err}");
    assert!(
        err.contains("running  cargo build") && err.contains("echo migrate up"),
        "{err}"
    );
    assert!(
        out.contains("failed  migrations") && out.contains("ok  migrations"),
        "{out}"
    );
    assert_eq!(echo.read("migration"), "applied");

    let (report, status) = doctor(&mut echo.atlas(&["doctor", "--fix", "--json"]));
    assert_eq!((report["ok"].as_bool(), status), (Some(true), 0));
}
