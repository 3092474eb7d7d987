//! The service's own process.

use std::{
    collections::VecDeque,
    net::TcpListener,
    os::fd::OwnedFd,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    Address, Options,
    report::{Report, Source},
};
use crate::ops::{process::Process, service::Project};

/// How long a version may take to finish what it began; then it is killed.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// How many of its last lines are shown when it dies.
const LAST_LINES: usize = 40;

/// One running version of the service.
#[derive(Debug)]
pub(super) struct Server {
    process: Process,
    last_lines: Arc<Mutex<VecDeque<String>>>,
    /// When it will be killed, once it was asked to stop.
    deadline: Option<Instant>,
}

impl Server {
    /// Starts `binary` with the listening socket as its stdin.
    pub(super) fn start(
        binary: &Path,
        project: &Project,
        options: &Options,
        (listener, address): (&TcpListener, &Address),
        report: &Report,
        on_end: impl FnOnce(ExitStatus) + Send + 'static,
    ) -> std::io::Result<Self> {
        let socket = listener.try_clone()?;
        // Whether calls block is a property of the socket itself, shared by all who hold it: hand it over as new.
        socket.set_nonblocking(false)?;
        let mut command = Command::new(binary);
        command
            .current_dir(&project.root)
            .args(&options.arguments)
            .stdin(Stdio::from(OwnedFd::from(socket)))
            .env("ATLAS_LISTEN", "stdin")
            .env("ATLAS_DEV_PARENT", std::process::id().to_string())
            // The address the service may print or put into links is the one that is bound.
            .env("ATLAS_HTTP__HOST", &address.host)
            .env("ATLAS_HTTP__PORT", address.port.to_string());
        if let Some(profile) = &options.profile {
            command.env("ATLAS_PROFILE", profile);
        }
        if report.colors() {
            command.env("CLICOLOR_FORCE", "1");
        }
        let last_lines = Arc::new(Mutex::new(VecDeque::with_capacity(LAST_LINES)));
        let line = {
            let (last_lines, report) = (Arc::clone(&last_lines), report.clone());
            move |_, line: &str| {
                report.lines(Source::Service, line);
                let mut last_lines = last_lines.lock().unwrap_or_else(PoisonError::into_inner);
                if last_lines.len() == LAST_LINES {
                    last_lines.pop_front();
                }
                last_lines.push_back(line.to_owned());
            }
        };
        let process = Process::spawn(&mut command, line, on_end)?;
        Ok(Self {
            process,
            last_lines,
            deadline: None,
        })
    }

    /// The process id.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks it to stop, once; it has [`GRACE`] to do so.
    pub(super) fn stop(&mut self) {
        if self.deadline.is_none() {
            self.deadline = Some(Instant::now() + GRACE);
            self.process.terminate();
        }
    }

    /// Ends it at once.
    pub(super) fn kill(&self) {
        self.process.kill();
    }

    /// Whether it was asked to stop, and by when it must have.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Kills it when its time is over; says so at most once, because the end follows soon.
    pub(super) fn enforce(&mut self, report: &Report) {
        if self
            .deadline
            .is_some_and(|deadline| deadline <= Instant::now())
        {
            report.say(
                Source::Dev,
                &format!("the service did not stop within {GRACE:?} and was killed"),
            );
            self.process.kill();
            self.deadline = Some(Instant::now() + GRACE);
        }
    }

    /// Its last words.
    pub(super) fn last_lines(&self) -> String {
        let lines = self
            .last_lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}
