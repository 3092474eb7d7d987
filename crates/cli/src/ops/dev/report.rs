//! What the person, or the program, in front of `atlas dev` gets to see.

use std::sync::Arc;

use serde::Serialize;

use super::ansi;
use crate::{Printer, Style};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Dev,
    Build,
    Service,
    Test,
}

/// What happened; one JSON object a line under `--json` (`{"event":"built","seconds":1.2}`).
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum News<'a> {
    /// The socket is there; from now on requests are answered or wait.
    Listening {
        version: u8,
        url: &'a str,
    },
    /// Files were saved.
    Saved {
        files: &'a [String],
    },
    Building,
    Built {
        seconds: f64,
    },
    /// The reason is on the terminal already and is served to clients.
    BuildFailed {
        text: &'a str,
    },
    Started {
        pid: u32,
    },
    /// The service ended without being asked to.
    Died {
        status: &'a str,
    },
    /// The service ended as asked.
    Ended {
        status: &'a str,
    },
    TestsStarted,
    TestsEnded {
        passed: bool,
    },
    Stopping,
    Stopped,
    /// Anything else worth knowing.
    Message {
        text: &'a str,
    },
    /// A line of output.
    Log {
        source: &'a str,
        line: &'a str,
    },
}

/// Prints lines with the name of who speaks in front: logs of the service on stdout, the rest on stderr.
#[derive(Clone, Debug)]
pub(super) struct Report {
    printer: Printer,
    service: Arc<str>,
}

impl Report {
    pub(super) fn new(printer: Printer, service: &str) -> Self {
        Self {
            printer,
            service: service.into(),
        }
    }

    /// Whether children may colour their output.
    pub(super) fn colors(&self) -> bool {
        self.printer.colors_messages()
    }

    /// Output of a child; may be several lines.
    pub(super) fn lines(&self, source: Source, text: &str) {
        for line in text.trim_end().split('\n') {
            if self.printer.is_json() {
                self.printer.json(&News::Log {
                    source: self.name(source),
                    line: &ansi::plain(line),
                });
            } else if self.printer.colors_messages() {
                self.line(source, line);
            } else {
                self.line(source, &ansi::plain(line));
            }
        }
    }

    /// A line of cargo that tells how far it is.
    pub(super) fn progress(&self, line: &str) {
        if !self.printer.is_quiet() {
            self.lines(Source::Build, line);
        }
    }

    /// Something worth knowing that is not [`News`].
    pub(super) fn say(&self, source: Source, text: &str) {
        if self.printer.is_json() {
            self.printer.json(&News::Message { text });
        } else if !self.printer.is_quiet() {
            self.line(source, text);
        }
    }

    /// Tells what happened.
    pub(super) fn tell(&self, news: &News<'_>) {
        if self.printer.is_json() {
            self.printer.json(news);
            return;
        }
        let paint = |style, text: &str| self.printer.paint(style, text).into_owned();
        let (source, text) = match news {
            News::Listening { url, .. } => (
                Source::Dev,
                format!("listening on {}", paint(Style::Bold, url)),
            ),
            News::Saved { files } => (Source::Dev, format!("saved {}", few(files))),
            News::Building => (Source::Build, paint(Style::Dim, "building; requests wait")),
            News::Built { seconds } => (
                Source::Build,
                format!("{} in {seconds:.1} s", paint(Style::Green, "built")),
            ),
            News::BuildFailed { .. } => (
                Source::Build,
                format!("{}; save to try again", paint(Style::Red, "does not build")),
            ),
            News::Started { pid } => (Source::Dev, format!("started {} (pid {pid})", self.service)),
            News::Died { status } => (
                Source::Dev,
                format!(
                    "{} ({status}); save, or press r, to try again",
                    paint(Style::Red, "the service ended")
                ),
            ),
            News::Ended { .. } | News::Stopped | News::Log { .. } => return,
            News::TestsStarted => (Source::Test, "running the tests".to_owned()),
            News::TestsEnded { passed: true } => (Source::Test, paint(Style::Green, "passed")),
            News::TestsEnded { passed: false } => (Source::Test, paint(Style::Red, "failed")),
            News::Stopping => (
                Source::Dev,
                "stopping; once more to stop at once".to_owned(),
            ),
            News::Message { text } => (Source::Dev, (*text).to_owned()),
        };
        let is_bad = matches!(news, News::BuildFailed { .. } | News::Died { .. });
        if is_bad || !self.printer.is_quiet() {
            self.line(source, &text);
        }
    }

    fn line(&self, source: Source, text: &str) {
        let name = format!("[{}]", self.name(source));
        let width = self.service.len().max("build".len()) + 2;
        let style = match source {
            Source::Dev => Style::Dim,
            Source::Build => Style::Yellow,
            Source::Service => Style::Cyan,
            Source::Test => Style::Bold,
        };
        if source == Source::Service {
            self.printer.data(format!(
                "{} {text}",
                self.printer.paint_data(style, &format!("{name:<width$}"))
            ));
        } else {
            self.printer.always(format!(
                "{} {text}",
                self.printer.paint(style, &format!("{name:<width$}"))
            ));
        }
    }

    fn name(&self, source: Source) -> &str {
        match source {
            Source::Dev => "dev",
            Source::Build => "build",
            Source::Service => &self.service,
            Source::Test => "test",
        }
    }
}

/// The first files, and how many more there are.
fn few(files: &[String]) -> String {
    match files {
        [first, second, third, _, ..] => {
            format!("{first}, {second}, {third} and {} more", files.len() - 3)
        }
        few => few.join(", "),
    }
}
