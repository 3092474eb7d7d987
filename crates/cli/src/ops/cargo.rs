//! Child processes of cargo that behave as if a person had started them.

use std::{ffi::OsStr, path::Path, process::Command};

use crate::{Error, Exit};

/// A `cargo` command in `directory`, freed from what an outer cargo put into the environment.
///
/// `cargo run` tells its child about *its* package (`CARGO_MANIFEST_DIR`, `CARGO_PKG_*`, `RUSTUP_TOOLCHAIN`, …).
/// Build scripts watch some of these, so an inner cargo that inherits them rebuilds `ring` and all that is
/// behind it, each time. What a person sets (`CARGO_HOME`, `CARGO_TARGET_DIR`, `CARGO_NET_OFFLINE`, …) stays.
#[must_use]
pub fn command(directory: &Path) -> Command {
    tool("cargo", directory)
}

/// Another program of the toolchain (`rustc`), in the same surroundings.
#[must_use]
pub fn tool(name: &str, directory: &Path) -> Command {
    let mut command = Command::new(name);
    command.current_dir(directory);
    for name in set_by_cargo(std::env::vars_os().map(|(name, _)| name)) {
        command.env_remove(name);
    }
    command
}

/// Becomes `command`: signals, terminal and exit status are then between the caller and cargo, with nobody in between.
///
/// # Errors
/// Always, for it does not come back otherwise: cargo cannot be started.
pub fn become_it(mut command: Command) -> Error {
    use std::os::unix::process::CommandExt;
    not_there(command.exec())
}

/// The error of a cargo that cannot be started.
pub(crate) fn not_there(error: std::io::Error) -> Error {
    Error::new("cannot start `cargo`")
        .exit(Exit::Unavailable)
        .source(error)
        .help("install Rust: https://rustup.rs, then check with `atlas doctor`")
}

/// Which of these variables cargo sets for the processes it starts.
fn set_by_cargo<N: AsRef<OsStr>>(names: impl Iterator<Item = N>) -> Vec<N> {
    let names: Vec<N> = names.collect();
    let inside_cargo = names
        .iter()
        .any(|name| name.as_ref() == "CARGO_MANIFEST_DIR");
    let is_inner = |name: &str| {
        matches!(
            name,
            "CARGO" | "CARGO_MANIFEST_DIR" | "CARGO_MANIFEST_PATH" | "CARGO_MANIFEST_LINKS" | "CARGO_CRATE_NAME"
                | "CARGO_BIN_NAME" | "CARGO_PRIMARY_PACKAGE" | "CARGO_TARGET_TMPDIR" | "CARGO_MAKEFLAGS" | "OUT_DIR"
                | "RUST_RECURSION_COUNT"
        ) || ["CARGO_PKG_", "CARGO_BIN_EXE_", "CARGO_FEATURE_", "CARGO_CFG_"].iter().any(|prefix| name.starts_with(prefix))
            // rustup's proxy pins the outer project's toolchain; the inner one has its own `rust-toolchain.toml`.
            || inside_cargo && matches!(name, "RUSTUP_TOOLCHAIN" | "RUSTUP_TOOLCHAIN_SOURCE" | "LD_LIBRARY_PATH" | "DYLD_FALLBACK_LIBRARY_PATH")
    };
    names
        .into_iter()
        .filter(|name| name.as_ref().to_str().is_some_and(is_inner))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::set_by_cargo;

    #[test]
    fn variables_of_an_outer_cargo_are_dropped_and_those_of_the_person_stay() {
        let outer = [
            "CARGO_MANIFEST_DIR",
            "CARGO_PKG_NAME",
            "CARGO",
            "RUSTUP_TOOLCHAIN",
            "LD_LIBRARY_PATH",
        ];
        let person = [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_NET_OFFLINE",
            "CARGO_TERM_COLOR",
            "PATH",
            "CARGO_INCREMENTAL",
        ];
        assert_eq!(
            set_by_cargo(outer.iter().chain(&person)),
            outer.iter().collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_toolchain_chosen_by_hand_stays() {
        assert!(set_by_cargo(["RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"].iter()).is_empty());
    }
}
