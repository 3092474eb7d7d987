//! A server as a child process: pinned to a core, measured from outside.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The core of the server; the driver and its load run on another one.
const SERVER_CORE: &str = "0";

/// A running server that dies with this value.
pub(crate) struct Server {
    child: Child,
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first good answer.
    pub(crate) ready_after: Duration,
}

impl Server {
    /// Starts `program` and waits for a `200` on `path`; what it prints goes to `log`.
    pub(crate) fn start(
        program: &str,
        port: u16,
        environment: &[(&str, &str)],
        path: &str,
        log: &Path,
    ) -> Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let log = File::create(log).context("cannot create the log file")?;
        let mut command = pinned(&binary(program)?);
        command
            .envs(environment.iter().copied())
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let started = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("`{program}` could not be started"))?;
        let mut server = Self {
            child,
            address,
            ready_after: Duration::ZERO,
        };
        while !answers(address, path) {
            if let Some(status) = server.child.try_wait()? {
                bail!("`{program}` ended while it was starting: {status}");
            }
            if started.elapsed() > Duration::from_secs(10) {
                bail!("`{program}` does not answer `{path}` on port {port}");
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        server.ready_after = started.elapsed();
        Ok(server)
    }

    /// CPU time of the process so far, user and system, in microseconds.
    pub(crate) fn cpu_micros(&self) -> Result<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after_name = stat
            .rsplit_once(')')
            .context("unknown format of /proc/PID/stat")?
            .1;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        // The unit is USER_HZ, which Linux fixes at 100 for every program.
        Ok(ticks * 10_000)
    }

    /// Resident memory in kilobytes.
    pub(crate) fn resident_kilobytes(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .context("no VmRSS")?;
        Ok(line
            .split_whitespace()
            .nth(1)
            .context("no figure in VmRSS")?
            .parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may be gone already; there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// One of the binaries of this build.
pub(crate) fn binary(name: &str) -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    if !path.exists() {
        bail!(
            "{} is missing: build it with `cargo build --release -p bench -p shop`",
            path.display()
        );
    }
    Ok(path)
}

fn pinned(program: &Path) -> Command {
    let has_taskset = Command::new("taskset")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok();
    if has_taskset {
        let mut command = Command::new("taskset");
        command.args(["-c", SERVER_CORE]).arg(program);
        command
    } else {
        println!("note: `taskset` is missing, so server and load may share a core");
        Command::new(program)
    }
}

fn answers(address: SocketAddr, path: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) else {
        return false;
    };
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let mut answer = [0; 12];
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer == *b"HTTP/1.1 200"
}
