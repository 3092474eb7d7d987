//! A process that a case may hurt.

use std::{
    fmt,
    io::{self, Read},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::clock::clean_up_after;

/// A process of a case. Dropping it kills it.
pub struct Process {
    child: Child,
    name: String,
}

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// How long it took, since it was asked to wait for.
    pub took: Duration,
}

impl Process {
    /// Starts `program` with these arguments and variables, and nothing else of the environment but `PATH` and `HOME`. What
    /// it says on stderr goes to `folder`.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start<'a>(
        program: &Path,
        folder: &Path,
        arguments: impl IntoIterator<Item = &'a str>,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> io::Result<Self> {
        let arguments: Vec<&str> = arguments.into_iter().collect();
        let log = tempfile::Builder::new()
            .prefix(arguments.first().unwrap_or(&"process"))
            .suffix(".log")
            .disable_cleanup(true)
            .tempfile_in(folder)?;
        let mut command = Command::new(program);
        command
            .args(&arguments)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "HOME"))
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.reopen()?);
        Ok(Self {
            child: command.spawn()?,
            name: arguments.join(" "),
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Says whether it is still there.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// How much memory it has, in KiB.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn memory(&self) -> io::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok());
        kibibytes.ok_or_else(|| io::Error::other(format!("no memory of `{}`", self.name)))
    }

    /// Ends it as `kill -9` does, and waits until it is gone.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }

    /// Freezes it, until [`resume`](Self::resume).
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a frozen one go on.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = kill_process(pid, signal);
        }
    }

    /// Waits until it has ended, at most this long.
    ///
    /// # Errors
    ///
    /// When it has not by then.
    pub fn wait(&mut self, limit: Duration) -> io::Result<Ended> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                let took = began.elapsed();
                return Ok(Ended { status, took });
            }
            if began.elapsed() > limit {
                let words = format!("`{}` did not end within {limit:?}", self.name);
                return Err(io::Error::new(io::ErrorKind::TimedOut, words));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until it has ended, and returns what it said on stdout.
    ///
    /// # Errors
    ///
    /// When that cannot be read, or its exit code is not 0.
    pub fn output(mut self) -> io::Result<String> {
        let mut said = String::new();
        if let Some(mut stdout) = self.child.stdout.take() {
            stdout.read_to_string(&mut said)?;
        }
        let status = self.child.wait()?;
        if !status.success() {
            let words = format!("`{}` ended with {status}", self.name);
            return Err(io::Error::other(words));
        }
        Ok(said)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        clean_up_after(self.id());
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("id", &self.id())
            .field("name", &self.name)
            .finish()
    }
}
