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

#[test]
fn migrations_that_are_out_of_order_are_numbered_behind_the_others() {
    let echo = Fixture::new();
    let migrations = echo.path().join("src/migrations");
    std::fs::create_dir_all(&migrations).unwrap();
    std::fs::create_dir_all(echo.path().join(".atlas/migrations")).unwrap();
    let late = ["m20260102_000001_add_price", "m20260102_000002_add_notes"];
    let list = "mod m20260101_000001_create_teas;\nmod m20260102_000001_add_price;\nmod m20990103_000004_create_cups;\n\n\
        pub fn module() -> Module {\n    Module::new(\"migrations\")\n        \
        .contribute(|| migration(m20260101_000001_create_teas::CreateTeas))\n        \
        .contribute(|| migration(m20260102_000001_add_price::AddPrice))\n        \
        .contribute(|| atlas::db::sql_migration!(\"m20260102_000002_add_notes\"))\n        \
        .contribute(|| migration(m20990103_000004_create_cups::CreateCups))\n}\n";
    for (file, text) in [
        ("mod.rs", list),
        ("m20260101_000001_create_teas.rs", "// teas\n"),
        ("m20260102_000001_add_price.rs", "// price\n"),
        ("m20260102_000002_add_notes.up.sql", "-- notes\n"),
        ("m20260102_000002_add_notes.down.sql", "-- no notes\n"),
        ("m20990103_000004_create_cups.rs", "// cups\n"),
    ] {
        std::fs::write(migrations.join(file), text).unwrap();
    }
    let record = "[files]\n\"src/migrations/m20260102_000001_add_price.rs\" = \"1\"\n";
    let records = echo.path().join(".atlas/migrations");
    std::fs::write(records.join(format!("{}.toml", late[0])), record).unwrap();

    let nothing = echo.atlas(&["migrate", "fix"]).output().unwrap();
    assert!(nothing.status.success(), "{}", stderr(&nothing));
    assert!(
        stderr(&nothing).contains("nothing to fix"),
        "{}",
        stderr(&nothing)
    );

    std::fs::write(
        echo.path().join("out-of-order"),
        format!("[\"{}\",\"{}\"]", late[0], late[1]),
    )
    .unwrap();
    let fixed = echo.atlas(&["migrate", "fix"]).output().unwrap();
    assert!(fixed.status.success(), "{}", stderr(&fixed));
    let mut files: Vec<String> = std::fs::read_dir(&migrations)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(
        files,
        [
            "m20260101_000001_create_teas.rs",
            "m20990103_000004_create_cups.rs",
            "m20990103_000005_add_price.rs",
            "m20990103_000006_add_notes.down.sql",
            "m20990103_000006_add_notes.up.sql",
            "mod.rs",
        ]
    );
    let list = std::fs::read_to_string(migrations.join("mod.rs")).unwrap();
    assert!(!list.contains("m20260102"), "{list}");
    assert!(list.contains("mod m20990103_000005_add_price;"), "{list}");
    assert!(
        list.contains("sql_migration!(\"m20990103_000006_add_notes\")"),
        "{list}"
    );
    let moved = records.join("m20990103_000005_add_price.toml");
    let record = std::fs::read_to_string(moved).unwrap();
    assert!(
        record.contains("src/migrations/m20990103_000005_add_price.rs"),
        "{record}"
    );
    assert!(!records.join(format!("{}.toml", late[0])).exists());
}

#[test]
fn what_migrate_fix_says_of_the_database_goes_to_the_service() {
    let echo = Fixture::new();
    let output = echo
        .atlas(&["migrate", "fix", "--checksums"])
        .output()
        .unwrap();
    assert_eq!(stdout(&output).trim(), "{\"out_of_order\":[]}");
}

#[test]
fn what_the_entities_ask_for_becomes_a_migration_of_the_service() {
    let echo = Fixture::new();
    let migrations = echo.path().join("src/migrations");
    std::fs::create_dir_all(&migrations).unwrap();
    let list = "use atlas::{db::migration, prelude::*};\n\nmod m20990101_000001_create_teas;\n\npub fn module() -> Module {\n    \
        Module::new(\"migrations\").contribute(|| migration(m20990101_000001_create_teas::CreateTeas))\n}\n";
    std::fs::write(migrations.join("mod.rs"), list).unwrap();
    std::fs::write(
        migrations.join("m20990101_000001_create_teas.rs"),
        "// teas\n",
    )
    .unwrap();

    let nothing = echo
        .atlas(&["migrate", "diff", "nothing"])
        .output()
        .unwrap();
    assert!(nothing.status.success(), "{}", stderr(&nothing));
    assert!(
        stderr(&nothing).contains("nothing to draft"),
        "{}",
        stderr(&nothing)
    );

    let draft = r#"{"differences":[{"table":"teas","what":"the entity has no column `teas.old`","destructive":true}],
        "draft":{"name":"tidy_teas","type_name":"TidyTeas","source":"//! Tidy teas.\n\npub(super) struct TidyTeas;\n"}}"#;
    std::fs::write(echo.path().join("draft"), draft).unwrap();
    let drafted = echo
        .atlas(&["migrate", "diff", "tidy_teas", "--set", "database.url=x"])
        .output()
        .unwrap();
    assert!(drafted.status.success(), "{}", stderr(&drafted));
    assert!(
        stderr(&drafted).contains("- the entity has no column `teas.old` (loses data)"),
        "{}",
        stderr(&drafted)
    );
    let file = migrations.join("m20990101_000002_tidy_teas.rs");
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "//! Tidy teas.\n\npub(super) struct TidyTeas;\n"
    );
    let list = std::fs::read_to_string(migrations.join("mod.rs")).unwrap();
    assert!(list.contains("mod m20990101_000002_tidy_teas;"), "{list}");
    assert!(
        list.contains("migration(m20990101_000002_tidy_teas::TidyTeas)"),
        "{list}"
    );

    std::fs::remove_file(echo.path().join("draft")).unwrap();
    let back = echo
        .atlas(&["destroy", "migration", "tidy_teas"])
        .output()
        .unwrap();
    assert!(back.status.success(), "{}", stderr(&back));
    assert!(!file.exists());
    let check = echo
        .atlas(&["migrate", "diff", "--check"])
        .output()
        .unwrap();
    assert_eq!(stdout(&check).trim(), r#"{"differences":[],"draft":null}"#);
}
