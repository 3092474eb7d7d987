//! What is left of a test, and what it shows. The test that fails is run in a process of its own.

use std::path::Path;
use std::process::{Command, Output};

use atlas_test::TestApp;
use tempfile::TempDir;

use crate::notes;

/// Fails only when the tests below run it for that.
#[tokio::test]
async fn a_test_with_a_database() {
    let app = TestApp::start(notes::app()).await;
    let answer = app.get("/notes/1").await.ok();
    if std::env::var_os("ATLAS_TEST_FAIL").is_some() {
        answer.status(500);
    }
}

fn run(dir: &Path, fail: bool) -> Output {
    // templates have a place of their own, or the seeds might have been planted before
    let templates = TempDir::new().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "failure::a_test_with_a_database"])
        .env("TMPDIR", dir)
        .env("ATLAS_TEST_SERVERS", templates.path())
        .env("ATLAS_TEST_DATABASE", "sqlite")
        .env_remove("ATLAS_TEST_FAIL")
        .env_remove("RUST_TEST_NOCAPTURE");
    if fail {
        command.env("ATLAS_TEST_FAIL", "1");
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn a_test_that_succeeds_shows_no_log_and_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let output = run(dir.path(), false);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
    assert!(!text.contains("INFO"), "{text}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_test_that_fails_shows_its_log_and_keeps_its_database() {
    let dir = TempDir::new().unwrap();
    let output = run(dir.path(), true);
    let text = said(&output);
    assert!(!output.status.success(), "{text}");
    for expected in [
        "expected status 500\n  request: GET /notes/1\n  answer: 200 OK",
        "INFO atlas::db: seed planted seed=notes",
        "http.route=/notes/{id}",
    ] {
        assert!(text.contains(expected), "no {expected:?} in\n{text}");
    }
    let (_, kept) = text.split_once("is kept: sqlite3 ").expect(&text);
    let kept = Path::new(kept.lines().next().unwrap());
    assert!(kept.starts_with(dir.path()), "{}", kept.display());
    assert!(kept.is_file(), "{}", kept.display());
}
