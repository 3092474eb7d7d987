//! The programs that building a service needs.

use std::{path::Path, process::Command, time::Duration};

use super::Check;
use crate::ops::{cargo, process, test};

/// A tool that has not answered by then never will.
const LIMIT: Duration = Duration::from_secs(60);

const INSTALL_RUST: &str = "install Rust: https://rustup.rs";

/// The Rust compiler, in the version the project asks for.
pub(super) fn toolchain(root: &Path) -> Check {
    const NAME: &str = "toolchain";
    let cargo = said(cargo::command(root).arg("--version"));
    let rustc = said(cargo::tool("rustc", root).arg("--version"));
    let (Ok(cargo), Ok(rustc)) = (&cargo, &rustc) else {
        let reason = [&cargo, &rustc]
            .into_iter()
            .find_map(|said| said.as_ref().err())
            .cloned()
            .unwrap_or_default();
        let fix = if reason.contains("is not installed") {
            "install the toolchain that `rust-toolchain.toml` names: `rustup toolchain install`"
        } else {
            INSTALL_RUST
        };
        let check = Check::failed(NAME, reason, fix);
        return if fix == INSTALL_RUST {
            check
        } else {
            check.repaired_by(["rustup", "toolchain", "install"])
        };
    };
    let needed = needed_version(root);
    match version(rustc) {
        Some(found) if found < needed => Check::failed(
            NAME,
            format!(
                "{rustc} is older than {}, which the service needs",
                dotted(needed)
            ),
            "update: `rustup update stable`; if `rust-toolchain.toml` pins an older version, raise it there",
        ),
        Some(_) => Check::ok(NAME, format!("{rustc}, {cargo}")),
        None => Check::failed(
            NAME,
            format!("`rustc --version` says `{rustc}`"),
            INSTALL_RUST,
        ),
    }
}

/// The linker, by linking a program.
pub(super) fn linker(root: &Path) -> Check {
    const NAME: &str = "linker";
    let Ok(folder) = tempfile::tempdir() else {
        return Check::failed(
            NAME,
            format!("cannot write to `{}`", std::env::temp_dir().display()),
            "make room there, or set `TMPDIR` to a folder that can be written",
        );
    };
    let source = folder.path().join("probe.rs");
    if let Err(error) = std::fs::write(&source, "fn main() {}\n") {
        return Check::failed(
            NAME,
            format!("cannot write `{}`: {error}", source.display()),
            "make room on the disk",
        );
    }
    let mut probe = cargo::tool("rustc", root);
    probe
        .args(["--edition", "2024", "-o"])
        .arg(folder.path().join("probe"))
        .arg(&source);
    match said(&mut probe) {
        Ok(_) => Check::ok(NAME, "links a program"),
        Err(reason) => Check::failed(
            NAME,
            format!("a program cannot be linked: {reason}"),
            if cfg!(target_os = "macos") {
                "install the developer tools: `xcode-select --install`"
            } else {
                "install a C compiler and linker: `sudo apt-get install build-essential`, `sudo dnf install gcc` or your system's package"
            },
        ),
    }
}

/// The test runner; without it `atlas test` takes `cargo test`.
pub(super) fn nextest(root: &Path) -> Check {
    const NAME: &str = "nextest";
    if test::has_nextest(root) {
        return Check::ok(NAME, "installed");
    }
    Check::warning(
        NAME,
        "not installed; `atlas test` uses the slower `cargo test`",
        "`cargo install cargo-nextest --locked`",
    )
    .repaired_by(["cargo", "install", "cargo-nextest", "--locked"])
}

/// Version control; without it `atlas new` makes no repository.
pub(super) fn git(root: &Path) -> Check {
    const NAME: &str = "git";
    match said(Command::new("git").current_dir(root).arg("--version")) {
        Ok(version) => Check::ok(NAME, version),
        Err(reason) => Check::warning(NAME, reason, "install Git: https://git-scm.com/downloads"),
    }
}

/// The first line a tool answers, or why it gave none.
fn said(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match process::output(command, LIMIT) {
        Err(error) => Err(format!("`{name}` cannot be started: {error}")),
        Ok(None) => Err(format!("`{name}` did not answer within {LIMIT:?}")),
        Ok(Some(said)) if said.status.success() => {
            Ok(said.out.lines().next().unwrap_or_default().to_owned())
        }
        Ok(Some(said)) => {
            let text = if said.err.trim().is_empty() {
                said.out
            } else {
                said.err
            };
            Err(text
                .lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or("no reason given")
                .to_owned())
        }
    }
}

/// The project's `rust-version`, else the one `atlas` itself was made for.
fn needed_version(root: &Path) -> (u32, u32) {
    let declared = std::fs::read_to_string(root.join("Cargo.toml"))
        .ok()
        .and_then(|text| {
            let table: toml::Table = text.parse().ok()?;
            version(table.get("package")?.get("rust-version")?.as_str()?)
        });
    declared
        .or_else(|| version(env!("CARGO_PKG_RUST_VERSION")))
        .unwrap_or_default()
}

/// Major and minor of the first word that looks like a version.
fn version(text: &str) -> Option<(u32, u32)> {
    text.split_whitespace().find_map(|word| {
        let mut numbers = word.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    })
}

fn dotted((major, minor): (u32, u32)) -> String {
    format!("{major}.{minor}")
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(
            version("rustc 1.95.0 (59807616e 2026-04-14)"),
            Some((1, 95))
        );
        assert_eq!(version("1.9"), Some((1, 9)));
        assert!(version("rustc 1.9.0") < version("rustc 1.95.0-nightly"));
        assert_eq!(version("no version"), None);
    }
}
