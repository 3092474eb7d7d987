//! Child processes that take all their descendants with them.

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// Where a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// What a child said, once it has ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `command` to its end, which must come within `limit`; `None` when it was killed because it did not.
pub(crate) fn output(command: &mut Command, limit: Duration) -> std::io::Result<Option<Said>> {
    let texts = Arc::new(Mutex::new((String::new(), String::new())));
    let (sender, ended) = std::sync::mpsc::channel();
    let lines = Arc::clone(&texts);
    let line = move |stream, line: &str| {
        let mut texts = lines.lock().unwrap_or_else(PoisonError::into_inner);
        let text = match stream {
            Stream::Out => &mut texts.0,
            Stream::Err => &mut texts.1,
        };
        text.push_str(line);
        text.push('\n');
    };
    let _killed_when_dropped = Process::spawn(command.stdin(Stdio::null()), line, move |status| {
        // Nobody waits any more when the limit is over.
        let _ = sender.send(status);
    })?;
    let Ok(status) = ended.recv_timeout(limit) else {
        return Ok(None);
    };
    let (out, err) = std::mem::take(&mut *texts.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Some(Said { status, out, err }))
}

/// A running child that leads its own process group.
///
/// When the leader ends, the rest of its group is killed; when this value is dropped, the whole group is.
#[derive(Debug)]
pub(crate) struct Process {
    id: u32,
    /// `None` once the leader has been reaped: from then on its number may belong to a stranger.
    group: Arc<Mutex<Option<Pid>>>,
}

impl Process {
    /// Starts `command`, whose output goes line by line to `on_line` (from two threads at once); `on_end` is called
    /// after the last line.
    pub(crate) fn spawn(
        command: &mut Command,
        on_line: impl Fn(Stream, &str) + Clone + Send + 'static,
        on_end: impl FnOnce(ExitStatus) + Send + 'static,
    ) -> std::io::Result<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let id = child.id();
        let group = Arc::new(Mutex::new(i32::try_from(id).ok().and_then(Pid::from_raw)));
        let process = Self {
            id,
            group: Arc::clone(&group),
        };
        let readers = [
            child
                .stdout
                .take()
                .map(|out| read_lines(Stream::Out, out, on_line.clone())),
            child
                .stderr
                .take()
                .map(|err| read_lines(Stream::Err, err, on_line)),
        ];
        std::thread::spawn(move || {
            let status = end_of_group(&mut child, &group);
            for reader in readers.into_iter().flatten() {
                // A reader that panicked has nothing more to say.
                let _ = reader.join();
            }
            on_end(status);
        });
        Ok(process)
    }

    /// The process id of the leader.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Asks the group to stop.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends the group at once.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        let group = self.group.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = *group {
            // The group may be gone already, which is all we want.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits for the leader, then kills what is left of its group *before* the leader is reaped: until then no other
/// process can have got its number.
fn end_of_group(child: &mut Child, group: &Mutex<Option<Pid>>) -> ExitStatus {
    let leader = *group.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(leader) = leader {
        let ended_but_not_reaped = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(
            waitid(WaitId::Pid(leader), ended_but_not_reaped),
            Err(rustix::io::Errno::INTR)
        ) {}
        let mut group = group.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = kill_process_group(leader, Signal::KILL);
        *group = None;
    }
    // `wait` fails only for a child that is not ours; then there is no status to tell either.
    child.wait().unwrap_or_default()
}

fn read_lines(
    stream: Stream,
    from: impl Read + Send + 'static,
    on_line: impl Fn(Stream, &str) + Send + 'static,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        // A line without end is passed on in pieces, so that a child cannot fill our memory.
        while let Ok(1..) = from.by_ref().take(64 * 1024).read_until(b'\n', &mut line) {
            let text = String::from_utf8_lossy(&line);
            on_line(stream, text.trim_end_matches(['\n', '\r']));
            line.clear();
        }
    })
}
