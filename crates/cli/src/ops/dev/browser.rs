//! Opens the service where the person looks at web pages.

use std::process::{Command, Stdio};

/// Shows `url` in the program named by `BROWSER`, else in the system's own.
///
/// # Errors
/// When there is no such program.
pub(super) fn open(url: &str) -> std::io::Result<()> {
    let system = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let chosen = std::env::var_os("BROWSER").filter(|program| !program.is_empty());
    let mut child = Command::new(chosen.unwrap_or_else(|| system.into()))
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // Somebody must wait for it, or it stays a zombie as long as we run.
    std::thread::spawn(move || child.wait());
    Ok(())
}
