//! The shop on its port.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, TcpListener},
    os::{fd::OwnedFd, unix::process::CommandExt},
    path::Path,
    process::Command,
};

use super::Demo;
use crate::{Error, Exit, Result};

/// Opens the port; 0 takes any that is free.
///
/// From here on a request waits for the shop instead of being refused.
///
/// # Errors
/// When the port is in use or may not be used.
pub fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        let message = match error.kind() {
            ErrorKind::AddrInUse => format!("port {port} is in use"),
            _ => format!("port {port} cannot be opened"),
        };
        Error::new(message)
            .code("A201")
            .exit(Exit::Unavailable)
            .place("--port")
            .source(error)
            .help("take any free port: `atlas demo --port 0`")
    })
}

/// Becomes the shop, which answers on this socket until it is told to stop; returns only if that fails.
///
/// There is no process in between: Ctrl-C and signals reach the shop itself, and nothing can be left behind.
#[must_use]
pub fn serve(demo: &Demo, binary: &Path, socket: TcpListener) -> Error {
    let error = Command::new(binary)
        .arg("serve")
        .current_dir(demo.folder())
        .env("ATLAS_LISTEN", "stdin")
        .stdin(OwnedFd::from(socket))
        .exec();
    Error::new(format!("cannot start `{}`", binary.display())).source(error)
}

/// Three requests to try, as lines for a shell.
#[must_use]
pub fn requests(url: &str) -> [String; 3] {
    [
        format!("curl '{url}/products?limit=3'"),
        format!("curl '{url}/products/OLJCESPC7Z'"),
        format!("curl '{url}/products?category=kitchen&sort=-name'"),
    ]
}
