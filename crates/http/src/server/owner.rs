//! Who listens on a port.

use std::fmt;
use std::fs;

/// A process of this machine.
pub(super) struct Owner {
    pub(super) pid: u32,
    name: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} (`{}`)", self.pid, self.name)
    }
}

/// The process that listens on a TCP port, as far as `/proc` shows it to this user; `None` elsewhere.
pub(super) fn of_port(port: u16) -> Option<Owner> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .find_map(|table| inode_of(port, &table).map(str::to_owned))?;
    let socket = format!("socket:[{inode}]");
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .find(|pid| holds(*pid, &socket))
        .map(|pid| Owner {
            pid,
            name: fs::read_to_string(format!("/proc/{pid}/comm"))
                .map_or_else(|_| "?".to_owned(), |name| name.trim().to_owned()),
        })
}

/// The inode of the socket that listens on a port, from the lines of `/proc/net/tcp`.
fn inode_of(port: u16, table: &str) -> Option<&str> {
    const LISTENING: &str = "0A";
    let address = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, local, _, LISTENING, ..] = fields[..] else {
            return None;
        };
        local.ends_with(&address).then(|| fields.get(9).copied())?
    })
}

fn holds(pid: u32, socket: &str) -> bool {
    let Ok(handles) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    handles
        .flatten()
        .filter_map(|handle| fs::read_link(handle.path()).ok())
        .any(|target| target.as_os_str() == socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_process_that_listens_is_found() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let owner = of_port(listener.local_addr().unwrap().port()).unwrap();
        assert_eq!(owner.pid, std::process::id());
    }
}
