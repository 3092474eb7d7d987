//! One process of a server, and its children.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal};

use crate::place::{self, Account};

/// Writes its own id before it becomes the server, so that whoever cleans up can never miss one.
const START: &str = r#"echo $$ > "$0"; exec "$@""#;

/// Starts the server of `home`; its log is `log`, its id is in `pid`.
pub(crate) fn spawn(
    home: &Path,
    account: Option<Account>,
    command: &[OsString],
) -> Result<Child, String> {
    let log = home.join("log");
    let file = File::options()
        .create(true)
        .append(true)
        .open(&log)
        .map_err(|error| place::said(&log, &error))?;
    let other = file
        .try_clone()
        .map_err(|error| place::said(&log, &error))?;
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", START])
        .arg(home.join("pid"))
        .args(command)
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(other)
        .process_group(0);
    drop_to(&mut shell, account);
    shell.spawn().map_err(|error| format!("/bin/sh: {error}"))
}

/// Runs a program to its end as the user that owns the server's files.
pub(crate) fn run(
    home: &Path,
    account: Option<Account>,
    command: &[OsString],
) -> Result<(), String> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(());
    };
    let name = Path::new(program).display().to_string();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(home)
        .stdin(Stdio::null());
    drop_to(&mut command, account);
    let output = command
        .output()
        .map_err(|error| format!("`{name}` could not be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "`{name}` failed: {}: {}",
        output.status,
        last_lines(&said)
    ))
}

fn drop_to(command: &mut Command, account: Option<Account>) {
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
}

/// Kills a process that we have started, its children with it, and waits until it is gone.
pub(crate) fn kill(mut child: Child) {
    let pid = child.id();
    // stopped first, it starts no further children
    signal(pid, Signal::STOP);
    let children = children(pid);
    signal(pid, Signal::KILL);
    for child in children {
        signal(child, Signal::KILL);
    }
    let _ = child.wait();
}

/// The end of a server's log.
pub(crate) fn last_words(home: &Path) -> String {
    let log = fs::read(home.join("log")).unwrap_or_default();
    last_lines(&String::from_utf8_lossy(&log))
}

fn last_lines(text: &str) -> String {
    let mut lines: Vec<_> = text
        .lines()
        .rev()
        .filter(|line| !line.trim().is_empty())
        .take(5)
        .collect();
    lines.reverse();
    lines.join(" | ")
}

/// Sends a signal to one process.
pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // whoever is gone already needs no signal
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// The processes that this one has started. PostgreSQL's children are sessions of their own, so no signal to a group
/// reaches them; where the system does not list processes as Linux does, they notice by themselves that it is gone.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let is_child = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // the name in parentheses may hold anything
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        after.split_whitespace().nth(1) == Some(parent.to_string().as_str())
    };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(is_child)
        .collect()
}

/// Whether a process runs a server of this folder, and not something that got its number later.
pub(crate) fn serves(pid: i32, home: &Path) -> bool {
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&command).contains(&*home.to_string_lossy())
}
