//! Runs other programs and says what it runs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The root of the workspace, wherever the task was started.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace")
        .to_owned()
}

/// A cargo of the same toolchain, without what the outer cargo put into our environment.
///
/// Build scripts such as that of `ring` watch `CARGO_MANIFEST_DIR`: left in place, each
/// task would rebuild them and everything behind them.
pub(crate) fn cargo<I, S>(arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(root());
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        let set_by_cargo = name_text == "CARGO"
            || name_text.starts_with("CARGO_PKG_")
            || name_text.starts_with("CARGO_MANIFEST_")
            || name_text.starts_with("CARGO_BIN_");
        if set_by_cargo {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs to the end, in the open; a failure is an error that names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let text = text_of(command);
    println!("$ {text}");
    let status = command
        .status()
        .with_context(|| format!("`{text}` could not be started"))?;
    if !status.success() {
        bail!("`{text}` failed: {status}");
    }
    Ok(())
}

/// Runs to the end and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let text = text_of(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{text}` could not be started"))?;
    if !output.status.success() {
        bail!("`{text}` failed: {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{text}` printed no UTF-8"))
}

/// Whether `cargo NAME` exists here.
pub(crate) fn has_cargo_command(name: &str) -> bool {
    cargo([name, "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn text_of(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
