//! What `atlas new` writes, and what it refuses.

use std::{path::Path, process::Command};

use super::place::{Place, tree};
use crate::support::{atlas, stderr, stdout};

#[test]
fn a_generated_shop_is_the_example_byte_for_byte() {
    let place = Place::with_jobs("shop");
    let mut generated = place.tree();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let mut expected = tree(&example, &["target", "data"]);
    // its own workspace instead of a share of ours
    for own in [
        "Cargo.toml",
        "Cargo.lock",
        "clippy.toml",
        "rust-toolchain.toml",
        ".atlas/modules/catalog.toml",
        ".atlas/modules/orders.toml",
    ] {
        assert!(generated.remove(own).is_some(), "{own} is written");
    }
    expected.remove("Cargo.toml");
    let text = |tree: std::collections::BTreeMap<String, Vec<u8>>| -> Vec<(String, String)> {
        tree.into_iter()
            .map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned()))
            .collect()
    };
    assert_eq!(text(generated), text(expected));
}

#[test]
fn a_service_has_jobs_only_when_it_asks_for_them() {
    let (with, without) = (Place::with_jobs("shop"), Place::with("shop"));
    let (with, without) = (with.tree(), without.tree());
    for (path, bytes) in &without {
        if path == "Cargo.lock" {
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        for word in ["jobs", "orders", "receipt", "worker", "Job", "tracing ="] {
            assert!(!text.contains(word), "{path} speaks of `{word}`");
        }
        assert!(with.contains_key(path), "{path}");
    }
    let added: Vec<_> = with
        .keys()
        .filter(|path| !without.contains_key(*path))
        .collect();
    for path in &added {
        let is_part = path.contains("order") || path.as_str() == "tests/it/receipts.rs";
        assert!(is_part, "{path}");
    }
    assert!(added.len() > 10, "{added:?}");
    let refused = atlas(&["new", "x", "--with", "magic"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("[possible values: jobs]"),
        "{}",
        stderr(&refused)
    );
}

#[test]
fn orders_can_be_destroyed_and_the_jobs_of_others_stay() {
    let place = Place::with_jobs("shop");
    place.does("generate job catalog check_stock product:string");
    place.does("destroy module orders");
    let left = place.tree();
    assert!(
        left.keys()
            .all(|path| !path.contains("order") && !path.contains("receipt"))
    );
    let app = String::from_utf8_lossy(&left["src/lib.rs"]);
    assert!(
        app.contains("atlas::jobs::module()") && !app.contains("orders"),
        "{app}"
    );
}

#[test]
fn the_manifest_stands_alone_with_the_versions_lints_and_profiles_of_the_workspace() {
    let place = Place::with_jobs("tea-house");
    let manifest = std::fs::read_to_string(place.root().join("Cargo.toml")).unwrap();
    let toml: toml::Table = manifest.parse().unwrap();
    let root =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml"))
            .unwrap();
    let root: toml::Table = root.parse().unwrap();
    assert_eq!(toml["package"]["name"].as_str(), Some("tea-house"));
    assert_eq!(toml["lib"]["name"].as_str(), Some("tea_house"));
    assert_eq!(toml["workspace"], toml::Value::Table(toml::Table::new()));
    assert_eq!(toml["lints"], root["workspace"]["lints"]);
    assert_eq!(toml["profile"], root["profile"]);
    assert_eq!(
        toml["package"]["edition"],
        root["workspace"]["package"]["edition"]
    );
    let checkout = toml["dependencies"]["atlas"]["path"].as_str().unwrap();
    assert!(
        Path::new(checkout).join("Cargo.toml").exists(),
        "{checkout}"
    );
    assert!(!manifest.contains("workspace = true"), "{manifest}");
    let shop = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop/Cargo.toml"),
    )
    .unwrap();
    let shop: toml::Table = shop.parse().unwrap();
    for kind in ["dependencies", "dev-dependencies"] {
        let names = |table: &toml::Table| {
            table[kind]
                .as_table()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&toml), names(&shop));
    }
}

#[test]
fn no_trace_of_the_shop_is_left_in_a_service_of_another_name() {
    let place = Place::with_jobs("tea-house");
    for (path, bytes) in place.tree() {
        if path.starts_with("seeds/") || path == "Cargo.lock" {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        for word in text.split(|letter: char| !letter.is_alphanumeric()) {
            assert_ne!(word.to_lowercase(), "shop", "{path}");
        }
    }
}

#[test]
fn atlas_may_come_from_git_or_the_registry() {
    let folder = tempfile::tempdir().unwrap();
    for (name, flags, expected) in [
        (
            "one",
            ["--atlas-git", "https://example.org/atlas"],
            "git = \"https://example.org/atlas\"",
        ),
        ("two", ["--atlas-version", "0.7"], "version = \"0.7\""),
    ] {
        let arguments = ["new", name, "--no-input", "--no-git", flags[0], flags[1]];
        let output = atlas(&arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let manifest =
            std::fs::read_to_string(folder.path().join(name).join("Cargo.toml")).unwrap();
        assert_eq!(
            manifest.matches(expected).count(),
            2,
            "facade and test kit: {manifest}"
        );
        assert!(!manifest.contains("path ="), "{manifest}");
        assert!(!folder.path().join(name).join("Cargo.lock").exists());
    }
    let output = atlas(&["new", "three", "--atlas-path", "nowhere"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("`crates/atlas/Cargo.toml`"),
        "{}",
        stderr(&output)
    );
    assert!(!folder.path().join("three").exists());
}

#[test]
fn everything_is_staged_for_the_first_commit() {
    let place = Place::with("tea-house");
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(place.root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    };
    assert!(
        git(&["status", "--porcelain"])
            .lines()
            .all(|line| line.starts_with("A  "))
    );
    git(&[
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "commit",
        "--quiet",
        "-m",
        "first",
    ]);
    assert_eq!(git(&["status", "--porcelain"]), "");
    assert_eq!(git(&["ls-files"]).lines().count(), place.tree().len());
}

#[test]
fn a_dry_run_shows_every_file_and_writes_none() {
    let folder = tempfile::tempdir().unwrap();
    let output = atlas(&["new", "shop", "--dry-run"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success());
    for line in [
        "+++ b/src/main.rs",
        "+    atlas::main(shop::app).await",
        "+++ b/Cargo.toml",
    ] {
        assert!(stdout(&output).contains(line), "{line}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_is_not_empty_is_refused_and_an_empty_one_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let new = || {
        atlas(&["new", "shop", "--no-input"])
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    std::fs::create_dir(folder.path().join("shop")).unwrap();
    std::fs::write(folder.path().join("shop/notes.txt"), "mine").unwrap();
    let output = new();
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("is not empty: it holds `notes.txt`"),
        "{}",
        stderr(&output)
    );
    assert_eq!(tree(&folder.path().join("shop"), &[]).len(), 1);
    std::fs::remove_file(folder.path().join("shop/notes.txt")).unwrap();
    assert!(new().status.success());
    assert_eq!(new().status.code(), Some(3));
    std::fs::write(folder.path().join("books"), "a file").unwrap();
    let output = atlas(&["new", "books", "--no-input"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        stderr(&output).contains("is not a folder"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn without_a_name_and_a_terminal_it_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let output = atlas(&["new"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("`atlas new shop`"),
        "{}",
        stderr(&output)
    );
    let output = atlas(&["new", "async"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("keyword of Rust"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_service_has_the_drivers_and_the_configuration_of_its_database() {
    for (arguments, features, url) in [
        ("", "\"http\", \"sqlite\", \"postgres\"", None),
        ("--db sqlite", "\"http\", \"sqlite\"", None),
        (
            "--db postgres",
            "\"http\", \"postgres\"",
            Some("postgres://localhost/tea_house_"),
        ),
        (
            "--db mysql",
            "\"http\", \"mysql\"",
            Some("mysql://root@localhost/tea_house_"),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let words = format!("new tea-house --no-input --no-git {arguments}");
        let words: Vec<_> = words.split_whitespace().collect();
        let output = atlas(&words).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let said = stderr(&output);
        assert_eq!(said.contains("atlas db create"), url.is_some(), "{said}");
        let read = |path: &str| {
            std::fs::read_to_string(folder.path().join("tea-house").join(path)).unwrap()
        };
        let manifest = read("Cargo.toml");
        assert!(
            manifest.contains(&format!("features = [{features}] }}")),
            "{manifest}"
        );
        for profile in ["development", "test"] {
            let text = read(&format!("config/{profile}.toml"));
            let table: toml::Table = text.parse().unwrap();
            let found = table.get("database").and_then(|it| it["url"].as_str());
            let expected = url.map(|url| format!("{url}{profile}"));
            assert_eq!(found, expected.as_deref(), "{text}");
        }
        let production = read("config/production.toml");
        let scheme = url.map_or("sqlite", |url| url.split(':').next().unwrap());
        assert!(
            production.contains(&format!("# url = \"{scheme}:")),
            "{production}"
        );
    }
    let refused = atlas(&["new", "x", "--db", "oracle"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("sqlite, postgres, mysql"),
        "{}",
        stderr(&refused)
    );
}
