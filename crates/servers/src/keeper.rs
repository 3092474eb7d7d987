//! What ends a server when its users are gone, however they went.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::place;

const SCRIPT: &str = include_str!("keeper.sh");

/// Counts this process among the users of the server in `home`.
pub(crate) fn register(home: &Path) -> Result<(), String> {
    let users = home.join("users");
    place::folder(&users)?;
    let path = users.join(std::process::id().to_string());
    fs::write(&path, "").map_err(|error| place::said(&path, &error))
}

/// Does not any more.
pub(crate) fn leave(home: &Path) {
    let _ = fs::remove_file(home.join("users").join(std::process::id().to_string()));
}

/// Starts the shell that watches over the users of `home`; it survives this process and every Ctrl-C.
pub(crate) fn start(home: &Path, linger: u32) -> Result<(), String> {
    let child = Command::new("/bin/sh")
        .args(["-c", SCRIPT, "atlas-servers-keeper"])
        .arg(home)
        .arg(linger.to_string())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("/bin/sh: {error}"))?;
    let path = home.join("keeper");
    fs::write(&path, child.id().to_string()).map_err(|error| place::said(&path, &error))
}

/// Whether someone watches over `home`.
pub(crate) fn is_kept(home: &Path) -> bool {
    place::number(&home.join("keeper")).is_some_and(place::is_alive)
}

/// Seconds that a shared server stays without users.
pub(crate) fn linger() -> u32 {
    std::env::var("ATLAS_TEST_LINGER")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10)
}
