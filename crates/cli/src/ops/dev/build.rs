//! One run of `cargo build`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use super::report::{Report, Source};
use crate::ops::{
    cargo,
    process::{Process, Stream},
    service::Project,
};

/// What came of a build.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The binary to run; or, when it does not compile, what cargo and rustc said, with colours as ANSI sequences.
    pub(super) binary: Result<PathBuf, String>,
    /// Folders with the sources of every package that was built from a path: the service's own, those of its workspace.
    pub(super) sources: BTreeSet<PathBuf>,
}

/// Starts building the service; `on_end` gets the outcome once.
pub(super) fn start(
    project: &Project,
    report: &Report,
    on_end: impl FnOnce(Outcome) + Send + 'static,
) -> std::io::Result<Process> {
    let mut command = cargo::command(&project.root);
    command
        .args([
            "build",
            "--bin",
            &project.binary,
            "--message-format",
            "json-diagnostic-rendered-ansi",
        ])
        .args(["--color", if report.colors() { "always" } else { "never" }])
        .stdin(Stdio::null());
    let collected = Arc::new(Mutex::new(Collected::default()));
    let binary = project.binary.clone();
    let line = {
        let (collected, report) = (Arc::clone(&collected), report.clone());
        move |stream: Stream, line: &str| {
            let mut collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
            match stream {
                Stream::Out => collected.message(line, &binary, &report),
                Stream::Err => collected.progress(line, &report),
            }
        }
    };
    Process::spawn(&mut command, line, move |status| {
        let mut collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
        on_end(std::mem::take(&mut *collected).outcome(status));
    })
}

/// What a build has said so far.
#[derive(Default)]
struct Collected {
    errors: String,
    progress: String,
    executable: Option<PathBuf>,
    sources: BTreeSet<PathBuf>,
}

impl Collected {
    /// A line of cargo's stdout: a message in JSON.
    fn message(&mut self, line: &str, binary: &str, report: &Report) {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(line) else {
            return;
        };
        self.sources.extend(local_sources(&message));
        match message["reason"].as_str() {
            Some("compiler-message") => {
                let Some(text) = message["message"]["rendered"].as_str() else {
                    return;
                };
                report.lines(Source::Build, text);
                if message["message"]["level"]
                    .as_str()
                    .is_some_and(|level| level.starts_with("error"))
                {
                    self.errors.push_str(text.trim_end());
                    self.errors.push_str("\n\n");
                }
            }
            Some("compiler-artifact") if message["target"]["name"] == binary => {
                if let Some(path) = message["executable"].as_str() {
                    self.executable = Some(PathBuf::from(path));
                }
            }
            _ => {}
        }
    }

    /// A line of cargo's stderr: progress, or an error of cargo itself.
    fn progress(&mut self, line: &str, report: &Report) {
        if super::ansi::plain(line)
            .trim_start()
            .starts_with("Finished ")
        {
            return;
        }
        report.progress(line);
        self.progress.push_str(line);
        self.progress.push('\n');
    }

    fn outcome(self, status: ExitStatus) -> Outcome {
        let binary = match self.executable {
            Some(path) if status.success() => Ok(path),
            _ if self.errors.is_empty() => Err(self.progress),
            _ => Err(self.errors),
        };
        Outcome {
            binary,
            sources: self.sources,
        }
    }
}

/// The folder with the sources of the package a message is about, if they are on this machine to be edited.
fn local_sources(message: &serde_json::Value) -> Option<PathBuf> {
    let is_local = message["package_id"].as_str()?.starts_with("path+file:");
    let is_build_script = message["target"]["kind"][0] == "custom-build";
    let package = Path::new(message["manifest_path"].as_str()?).parent()?;
    let sources = Path::new(message["target"]["src_path"].as_str()?).parent()?;
    // A package that keeps its sources beside `target` cannot be watched as a whole.
    (is_local && !is_build_script && sources != package).then(|| sources.to_owned())
}
