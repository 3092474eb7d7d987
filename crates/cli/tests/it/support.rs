//! A service to work on, and ways to run `atlas` in it.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

/// How long anything may take on a slow, busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// A copy of `tests/fixtures/echo` in a folder of its own.
pub(crate) struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/echo"),
            folder.path(),
        );
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        save(self.path(), file, text);
    }

    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file)).unwrap()
    }

    pub(crate) fn remove(&self, file: &str) {
        std::fs::remove_file(self.folder.path().join(file)).unwrap();
    }

    /// Makes the service answer `answer`.
    pub(crate) fn answers(&self, answer: &str) {
        self.write(
            "src/answer.rs",
            &format!("pub const ANSWER: &str = {answer:?};\n"),
        );
    }

    /// `atlas ARGUMENTS…` in this folder.
    pub(crate) fn atlas(&self, arguments: &[&str]) -> Command {
        let mut command = atlas(arguments);
        command.current_dir(self.path());
        command
    }
}

/// Writes a file in one step, so that a slow machine does not make two saves of it.
pub(crate) fn save(folder: &Path, file: &str, text: &str) {
    let written = folder.join(".written");
    std::fs::write(&written, text).unwrap();
    std::fs::rename(written, folder.join(file)).unwrap();
}

/// `atlas ARGUMENTS…`, free of what the outside could change.
pub(crate) fn atlas(arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).stdin(std::process::Stdio::null());
    for name in [
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_TARGET_DIR",
        "NO_COLOR",
        "ATLAS_PROFILE",
        "ATLAS_HTTP__PORT",
        "ATLAS_HTTP__HOST",
    ] {
        command.env_remove(name);
    }
    command
}

pub(crate) fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_atlas"))
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Looks again and again until `seen` holds; for what no event tells.
pub(crate) fn eventually(what: &str, mut seen: impl FnMut() -> bool) {
    let began = Instant::now();
    while !seen() {
        assert!(began.elapsed() < PATIENCE, "{what} did not come true");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process of this number runs (a zombie does not).
pub(crate) fn is_alive(pid: u64) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap()
            .trim_start()
            .starts_with('Z')
    })
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() != "target" {
                std::fs::create_dir(&target).unwrap();
                copy(&entry.path(), &target);
            }
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
