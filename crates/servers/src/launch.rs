//! The start of a server: on a port that was free a moment ago, by a program that may die.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::address::Address;
use crate::engine::{Installed, Start};
use crate::kind::Kind;
use crate::options::Options;
use crate::place;
use crate::process;

/// How often a server is started that ends by itself.
const TRIES: u32 = 3;

/// Why a server is not there, with its last words.
#[derive(Debug)]
pub(crate) enum Failed {
    /// Its process ended: someone else took its port, or it crashed.
    Ended(String),
    /// Anything else.
    Other(String),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Ended(why) | Self::Other(why)) = self;
        f.write_str(why)
    }
}

/// Starts the server of a new folder on a port of its own; one that ends by itself is started again on another port, and
/// that is said.
pub(crate) fn first(
    installed: &Installed,
    home: &Path,
    options: &Options,
    number: u32,
) -> Result<(Child, u16), String> {
    let mut tries = 0;
    loop {
        let port = place::free_port()?;
        let start = Start {
            home,
            port,
            options,
            number,
        };
        tries += 1;
        match at(installed, &start) {
            Ok(child) => return Ok((child, port)),
            Err(Failed::Ended(why)) if tries < TRIES => again(installed.kind, &why),
            Err(why) => return Err(format!("the server does not start: {why}")),
        }
    }
}

/// Starts a server on a port, and waits until it takes statements.
pub(crate) fn at(installed: &Installed, start: &Start<'_>) -> Result<Child, Failed> {
    let command = installed.command(start).map_err(Failed::Other)?;
    let child = process::spawn(start.home, installed.account(), &command);
    let mut child = child.map_err(Failed::Other)?;
    let address = Address::local(installed.kind, "127.0.0.1", start.port);
    match wait_ready(&mut child, &address, start) {
        Ok(()) => Ok(child),
        Err(why) => {
            process::kill(child);
            Err(why)
        }
    }
}

/// Says aloud that something is tried once more.
pub(crate) fn again(kind: Kind, why: &str) {
    // past the harness, which keeps to itself what a passing test prints
    let _ = writeln!(
        std::io::stderr(),
        "{kind} is started once more: {}",
        why.trim()
    );
}

/// Waits until the server takes statements; an end of its process or of our patience is an error with its last words.
///
/// Only the process of our own counts: who answers may be another one that took the port first.
fn wait_ready(child: &mut Child, address: &Address, start: &Start<'_>) -> Result<(), Failed> {
    let (began, patience) = (Instant::now(), start.options.patience);
    let told = |why: String| format!("{why}: {}", process::last_words(start.home));
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Err(Failed::Ended(told(format!("it ended with {status}")))),
            Err(error) => return Err(Failed::Other(format!("it cannot be watched: {error}"))),
            Ok(None) => {}
        }
        if address.serves(&start.data()) {
            return Ok(());
        }
        if began.elapsed() > patience {
            let why = format!("it was not ready after {} s", patience.as_secs());
            return Err(Failed::Other(told(why)));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
