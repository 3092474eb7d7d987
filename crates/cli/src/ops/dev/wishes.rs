//! What the person at the terminal asks for.

use super::{
    browser,
    event::Event,
    report::{News, Report, Source},
    session::Session,
};
use crate::{
    Exit, Result,
    ops::{process::Process, test},
};

impl Session<'_> {
    /// Does what a key asks for.
    pub(super) fn key(&mut self, key: u8) -> Result<()> {
        match key {
            b'q' | b'Q' => self.stop(Exit::Status(130)),
            _ if self.stopping.is_some() => {}
            b'r' | b'R' => self.rebuild()?,
            b't' | b'T' => self.test(),
            b'o' | b'O' => open(&self.report, &self.address.url()),
            b'\n' => self.report.say(Source::Dev, ""),
            _ => self
                .report
                .say(Source::Dev, "keys: r restart, t test, o open, q quit"),
        }
        Ok(())
    }

    /// Runs the tests, beside everything else.
    fn test(&mut self) {
        if self.tests.is_some() {
            self.report.say(Source::Test, "still running");
            return;
        }
        self.report.tell(&News::TestsStarted);
        let mut command = test::command(&self.project.root, &[]);
        command.env(
            "CARGO_TERM_COLOR",
            if self.report.colors() {
                "always"
            } else {
                "never"
            },
        );
        command.stdin(std::process::Stdio::null());
        let (report, sender) = (self.report.clone(), self.sender.clone());
        let started = Process::spawn(
            &mut command,
            move |_, line| report.lines(Source::Test, line),
            move |status| {
                let _ = sender.send(Event::Tested { status });
            },
        );
        match started {
            Ok(process) => self.tests = Some(process),
            Err(error) => self
                .report
                .say(Source::Test, &format!("cannot start the tests: {error}")),
        }
    }
}

/// Shows the service in the browser.
pub(super) fn open(report: &Report, url: &str) {
    if let Err(error) = browser::open(url) {
        report.say(
            Source::Dev,
            &format!("no browser to open ({error}); go to {url}, or name one in `BROWSER`"),
        );
    }
}
