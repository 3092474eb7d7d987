//! Runs the services of `examples/fixture.rs` in folders of their own.

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A service in a folder of its own, with nothing of this process in its environment.
pub(crate) struct Service {
    fixture: &'static str,
    dir: TempDir,
    env: Vec<(String, String)>,
}

impl Service {
    /// One of the fixtures.
    pub(crate) fn new(fixture: &'static str) -> Self {
        Self {
            fixture,
            dir: TempDir::new().unwrap(),
            env: Vec::new(),
        }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.dir().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(args)
            .current_dir(self.dir())
            .stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("ATLAS_") || ["NO_COLOR", "CLICOLOR_FORCE"].contains(&&*text) {
                command.env_remove(&name);
            }
        }
        command
            .env("FIXTURE", self.fixture)
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::new(args, self.command(args).output().unwrap())
    }

    /// Starts a command and leaves it running.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        Running::new(self.command(args))
    }
}

/// The example that cargo builds together with all tests of the package.
pub(crate) fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let file = tests
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples/fixture");
    assert!(
        file.exists(),
        "build it first: `cargo build -p atlas-kit --example fixture`"
    );
    file
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Ran {
    args: String,
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn new(args: &[&str], output: Output) -> Self {
        Self {
            args: args.join(" "),
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// The answer as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Everything, as a golden file has it: without the lines of the fixture, which move.
    pub(crate) fn text(&self) -> String {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = self.whole();
        let mut places = whole.split("fixture.rs:");
        let mut text = places.next().unwrap_or_default().to_owned();
        for place in places {
            let mut rest = &place[digits(place)..];
            if let Some(column) = rest.strip_prefix(':').filter(|it| digits(it) > 0) {
                rest = &column[digits(column)..];
            }
            text.push_str("fixture.rs:<line>");
            text.push_str(rest);
        }
        text
    }

    fn whole(&self) -> String {
        let Self {
            args,
            code,
            out,
            err,
        } = self;
        let call = format!("$ fixture {args}");
        format!(
            "{}\n[exit {code}]\n--- stdout\n{out}--- stderr\n{err}",
            call.trim_end()
        )
    }
}

/// A service that runs; killed when a test drops it.
pub(crate) struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub(crate) fn new(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Reads log lines until one holds `text`, and returns it.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let mut seen = String::new();
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            if line.contains(text) {
                return line;
            }
            seen.push_str(&line);
            seen.push('\n');
        }
        panic!("the output ended without `{text}`:\n{seen}");
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for the end; the exit code and the rest of the log.
    pub(crate) fn end(mut self) -> (i32, String) {
        let rest: Vec<_> = self.lines.by_ref().map(Result::unwrap).collect();
        (
            self.child.wait().unwrap().code().unwrap_or(-1),
            rest.join("\n"),
        )
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
