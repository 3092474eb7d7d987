//! Processes with an environment made for them.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use atlas_servers::Kind;
use tempfile::TempDir;

/// The example `server`, which cargo has put beside the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    profile.join("examples/server")
}

/// A machine that has nothing but a shell.
pub(crate) struct Machine {
    pub(crate) folder: TempDir,
    pub(crate) command: Command,
}

impl Machine {
    pub(crate) fn bare(kind: &str) -> Self {
        let folder = TempDir::new().unwrap();
        // servers run as users that have to get in
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let nothing = folder.path().join("nothing");
        fs::create_dir(&nothing).unwrap();
        let mut command = Command::new(program());
        command
            .arg(kind)
            .env_clear()
            .env("PATH", &nothing)
            .env("HOME", folder.path())
            .env("ATLAS_TEST_SERVERS", folder.path().join("servers"))
            .env("ATLAS_TEST_LINGER", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for kind in Kind::ALL {
            let variable = format!("ATLAS_TEST_{}_BIN", kind.word().to_uppercase());
            command.env(variable, &nothing);
        }
        Self { folder, command }
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn start(mut self) -> Running {
        let mut child = self.command.spawn().unwrap();
        let mut said = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut said).unwrap();
        Running {
            folder: self.folder,
            input: child.stdin.take(),
            child,
            said: said.trim().to_owned(),
        }
    }
}

/// One that has said where its server is.
pub(crate) struct Running {
    pub(crate) folder: TempDir,
    pub(crate) child: Child,
    input: Option<ChildStdin>,
    pub(crate) said: String,
}

impl Running {
    /// Lets it end; what it said on both channels, and whether it ended well.
    pub(crate) fn end(mut self) -> (String, bool, TempDir) {
        drop(self.input.take());
        let mut text = self.said.clone();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut text).unwrap();
        let succeeded = self.child.wait().unwrap().success();
        (text, succeeded, self.folder)
    }
}

/// Writes a program for the machine.
pub(crate) fn script(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
