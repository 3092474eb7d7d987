//! `atlas generate job` and the way back.

use std::fs;

use super::place::Place;
use crate::support::stderr;

#[test]
fn the_first_job_brings_all_that_jobs_need_and_the_last_one_takes_it_away() {
    let place = Place::with("tea-house");
    let new = place.tree();
    place.does("generate job catalog check_stock product:string:unique");
    let read = |path: &str| fs::read_to_string(place.root().join(path)).unwrap();
    assert!(read("src/lib.rs").contains("        .module(atlas::jobs::module())\n"));
    assert!(read("Cargo.toml").contains("\"http\", \"jobs\", \"sqlite\""));
    for (path, words) in [
        ("config/default.toml", "\n[jobs]\n"),
        (".env.example", "\n# [jobs]\n"),
        ("config/schema.json", "\"jobs\": {"),
        (
            "src/catalog/mod.rs",
            "        .contribute(atlas::jobs::handler(jobs::check_stock))\n",
        ),
        ("src/catalog/mod.rs", "pub mod jobs;\n"),
        (
            "src/catalog/jobs.rs",
            "const KIND: &'static str = \"check_stock\";",
        ),
        ("src/catalog/jobs.rs", ".unique(&self.product)"),
        (
            "src/catalog/jobs.rs",
            "pub(super) async fn check_stock(job: Run<CheckStock>) -> Result<()> {",
        ),
    ] {
        assert!(
            read(path).contains(words),
            "{words} in {path}: {}",
            read(path)
        );
    }
    place.does("generate job catalog reorder count:int");
    place.does("destroy job catalog check_stock");
    assert!(read("src/catalog/jobs.rs").contains("struct Reorder"));
    assert!(
        read("src/lib.rs").contains("atlas::jobs::module()"),
        "the other one needs it"
    );
    place.does("destroy job catalog reorder");
    assert_eq!(place.tree(), new);
}

#[test]
fn a_job_stands_behind_what_a_person_has_written_and_leaves_it_as_it_was() {
    let place = Place::with("shop");
    let file = place.root().join("src/catalog/jobs.rs");
    let mine = "//! Mine.\n\nuse serde::{Deserialize, Serialize};\n\n/// Whether it is late.\npub(super) fn is_late() -> bool {\n    true\n}\n";
    fs::write(&file, mine).unwrap();
    place.does("generate job catalog check_stock product:string");
    let with = fs::read_to_string(&file).unwrap();
    assert!(
        with.contains("/// Whether it is late.\npub(super) fn is_late()"),
        "{with}"
    );
    for needed in [
        "use std::time::Duration;",
        "use atlas::jobs::Job;",
        "use atlas::prelude::Result;",
    ] {
        assert!(with.contains(needed), "{needed}: {with}");
    }
    assert_eq!(with.matches("use serde::").count(), 1, "{with}");
    place.does("destroy job catalog check_stock");
    let left = fs::read_to_string(&file).unwrap();
    assert!(
        left.contains("pub(super) fn is_late() -> bool {\n    true\n}\n"),
        "{left}"
    );
    assert!(!left.contains("CheckStock"), "{left}");
}

#[test]
fn an_edited_job_is_kept_unless_forced() {
    let place = Place::with("shop");
    let new = place.tree();
    place.does("generate job catalog check_stock product:string");
    let file = place.root().join("src/catalog/jobs.rs");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(".max_attempts(5)", ".max_attempts(7)")).unwrap();
    let edited = place.tree();
    let output = place.atlas("destroy job catalog check_stock");
    assert_eq!(output.status.code(), Some(3));
    let words = stderr(&output);
    assert!(
        words.contains(".max_attempts(7)") && words.contains("--force"),
        "{words}"
    );
    let again = place.atlas("generate job catalog check_stock product:string");
    assert_eq!(again.status.code(), Some(3), "{}", stderr(&again));
    assert_eq!(place.tree(), edited, "nothing was touched");
    place.does("destroy job catalog check_stock --force");
    assert_eq!(place.tree(), new);
}

#[test]
fn what_cannot_be_a_job_is_refused_with_the_way_out() {
    let place = Place::with("shop");
    let new = place.tree();
    for (line, words) in [
        ("orders check_stock", "there is no feature `orders`"),
        ("catalog 7up", "a letter first"),
        ("catalog match", "it is a keyword of Rust"),
        ("catalog run", "would hide another one"),
        (
            "catalog pay price:money",
            "a job has no field of the type `money`",
        ),
        ("catalog pay at:datetime:index", "they have no `:index`"),
        ("catalog pay what:string?:unique", "that is always there"),
        (
            "catalog pay a:string:unique b:string:unique",
            "unique by one field at most",
        ),
    ] {
        let output = place.atlas(&format!("generate job {line}"));
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(
            stderr(&output).contains(words),
            "{line}: {}",
            stderr(&output)
        );
    }
    let output = place.atlas("destroy job catalog nothing");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no job `nothing` of `catalog`"),
        "{}",
        stderr(&output)
    );
    assert_eq!(place.tree(), new);
}

#[test]
fn a_dry_run_shows_a_job_and_writes_nothing() {
    let place = Place::with("shop");
    let new = place.tree();
    let output = place.atlas("generate job catalog check_stock product:string --dry-run");
    assert!(output.status.success());
    let words = crate::support::stdout(&output);
    assert!(words.contains("+++ b/src/catalog/jobs.rs\n"), "{words}");
    assert!(
        words.contains("+        .module(atlas::jobs::module())\n"),
        "{words}"
    );
    assert_eq!(place.tree(), new);
}
