//! The files of one test.

use std::path::Path;

use tempfile::TempDir;

/// A folder of its own for each app: deleted when its test succeeds, kept when it fails.
#[derive(Debug)]
pub(crate) struct Folder {
    dir: Option<TempDir>,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("atlas-test-")
            .tempdir()
            .expect("the system has a place for temporary files");
        Self { dir: Some(dir) }
    }

    #[cfg_attr(
        not(feature = "db"),
        allow(dead_code, reason = "only a database has a file")
    )]
    pub(crate) fn path(&self) -> &Path {
        self.dir.as_ref().map_or(Path::new(""), TempDir::path)
    }
}

impl Drop for Folder {
    #[allow(
        clippy::print_stderr,
        reason = "the harness shows it with the test that failed"
    )]
    fn drop(&mut self) {
        let Some(dir) = self.dir.take() else { return };
        if !std::thread::panicking() {
            return;
        }
        let database = dir.path().join("test.sqlite");
        if database.exists() {
            let path = dir.keep();
            eprintln!(
                "the database of the failed test is kept: sqlite3 {}",
                path.join("test.sqlite").display()
            );
        }
    }
}
