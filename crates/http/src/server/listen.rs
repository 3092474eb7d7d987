//! Opening the listening socket.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use atlas_config::Settings;
use atlas_core::Diagnostic;
use tokio::net::TcpListener;

use super::owner;

/// The environment variable that says where the socket comes from: `stdin` when the parent process has opened it. So
/// `atlas dev` keeps it open while the service is built and started anew.
const LISTEN: &str = "ATLAS_LISTEN";

/// The code of everything that keeps the server from listening.
const CODE: &str = "A201";
/// The exit code that goes with it: `EX_UNAVAILABLE`.
const EXIT: u8 = 69;

/// How many connections may wait to be accepted, for as long as the server is busy.
const BACKLOG: u32 = 1024;

/// A socket that listens.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    /// Whether another process holds it too, so that it goes on listening when this one closes it.
    pub(crate) inherited: bool,
}

/// Opens the socket, or takes the one that was inherited.
pub(crate) fn open(address: SocketAddr, settings: &Settings) -> Result<Listener, Diagnostic> {
    let listener = |socket, inherited| Listener { socket, inherited };
    match std::env::var(LISTEN).as_deref() {
        Ok("stdin") => inherited().map(|socket| listener(socket, true)),
        Ok("") | Err(std::env::VarError::NotPresent) => {
            let socket = bind(address).map_err(|error| cannot_bind(address, error, settings))?;
            Ok(listener(socket, false))
        }
        other => Err(Diagnostic::new(CODE, "no such socket can be inherited")
            .place(format!("{LISTEN}={}", other.unwrap_or("…")))
            .help(format!(
                "unset `{LISTEN}`; the only value it knows is `stdin`, which `atlas dev` sets"
            ))
            .exit(EXIT)),
    }
}

/// Opens a socket at an address that `place` has named.
pub(crate) fn open_at(address: SocketAddr, place: &str) -> Result<Listener, Diagnostic> {
    let socket = bind(address).map_err(|error| {
        let diagnostic = Diagnostic::new(CODE, format!("cannot listen on {address}: {error}"));
        let diagnostic = match owner::of_port(address.port()) {
            Some(owner) if error.kind() == ErrorKind::AddrInUse => {
                diagnostic.help(format!("{owner} listens there, the process {}", owner.pid))
            }
            _ => diagnostic,
        };
        diagnostic
            .place(place.to_owned())
            .help("name an address of this machine and a free port, such as `0.0.0.0:8081`; port 0 is any that is free")
            .exit(EXIT)
            .source(error)
    })?;
    Ok(Listener {
        socket,
        inherited: false,
    })
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        tokio::net::TcpSocket::new_v4()?
    } else {
        tokio::net::TcpSocket::new_v6()?
    };
    // on Windows this would let two processes share a port
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// A key, and where its value comes from.
fn place(key: &str, settings: &Settings) -> String {
    let explained = settings.resolution().explain(key).unwrap_or_default();
    match explained.first().and_then(|it| it.origin.as_ref()) {
        Some(origin) => format!("{key}, from {origin}"),
        None => key.to_owned(),
    }
}

fn cannot_bind(address: SocketAddr, error: io::Error, settings: &Settings) -> Diagnostic {
    let (port, host) = (address.port(), address.ip());
    let other_port = || {
        let free = if port == u16::MAX { port - 1 } else { port + 1 };
        format!("choose another port: `ATLAS_HTTP__PORT={free}`, or `port = {free}` under `[http]`")
    };
    let diagnostic = match error.kind() {
        ErrorKind::AddrInUse => {
            let diagnostic = Diagnostic::new(CODE, format!("port {port} on {host} is in use")).place(place("http.port", settings));
            let diagnostic = match owner::of_port(port) {
                Some(owner) => diagnostic.help(format!(
                    "{owner} listens there; stop it if it is a forgotten one: `kill {}`",
                    owner.pid
                )),
                None => diagnostic.help(format!(
                    "ask the system who listens there: `ss -ltnp 'sport = :{port}'` or `lsof -iTCP:{port} -sTCP:LISTEN`"
                )),
            };
            diagnostic.help(other_port())
        }
        ErrorKind::PermissionDenied => {
            Diagnostic::new(CODE, format!("this user may not listen on port {port}"))
                .place(place("http.port", settings))
                .help("ports below 1024 are for the system; behind a proxy or in a container any other does")
                .help("choose another port: `ATLAS_HTTP__PORT=8080`, or `port = 8080` under `[http]`")
        }
        ErrorKind::AddrNotAvailable => {
            Diagnostic::new(CODE, format!("no network of this machine has the address {host}"))
                .place(place("http.host", settings))
                .help("listen on every network with `ATLAS_HTTP__HOST=0.0.0.0`, or on this machine only with `127.0.0.1`")
        }
        _ => Diagnostic::new(CODE, format!("cannot listen on {address}: {error}")).place("http.host, http.port"),
    };
    diagnostic.exit(EXIT).source(error)
}

#[cfg(unix)]
fn inherited() -> Result<TcpListener, Diagnostic> {
    use std::os::fd::AsFd;

    let take = || {
        let socket = std::io::stdin().as_fd().try_clone_to_owned()?;
        let listener = std::net::TcpListener::from(socket);
        listener.local_addr()?;
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener)
    };
    take().map_err(|error| {
        Diagnostic::new(CODE, "standard input is not a listening socket")
            .place(format!("{LISTEN}=stdin"))
            .help(format!(
                "unset `{LISTEN}`, which only a parent that hands its socket over should set"
            ))
            .exit(EXIT)
            .source(error)
    })
}

#[cfg(not(unix))]
fn inherited() -> Result<TcpListener, Diagnostic> {
    Err(
        Diagnostic::new(CODE, "sockets cannot be inherited on this system")
            .place(format!("{LISTEN}=stdin"))
            .help(format!("unset `{LISTEN}`"))
            .exit(EXIT),
    )
}
