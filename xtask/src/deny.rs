//! cargo-deny: licences, bans and sources always; advisories where their database is reachable.

use std::process::Stdio;

use anyhow::{Context, Result};

use crate::shell;

/// The version that `deny.toml` is written for.
const VERSION: &str = "0.20.2";

/// Runs cargo-deny, which it installs beside the toolchain when it is missing.
pub(crate) fn run() -> Result<()> {
    if !shell::has_cargo_command("deny") {
        println!("cargo-deny is missing: installing {VERSION}");
        shell::run(
            // Speed of building counts here, not speed of checking.
            shell::cargo(["install", "--locked", "--version", VERSION, "cargo-deny"])
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
        )
        .context("install it by hand: `cargo install --locked cargo-deny`")?;
    }
    shell::run(&mut shell::cargo([
        "deny", "--locked", "check", "bans", "licenses", "sources",
    ]))?;
    if advisories_are_reachable() {
        shell::run(&mut shell::cargo([
            "deny",
            "--locked",
            "check",
            "advisories",
        ]))
    } else {
        println!(
            "SKIPPED: advisories (their database cannot be reached from here); \
             licences, bans and sources were checked"
        );
        Ok(())
    }
}

fn advisories_are_reachable() -> bool {
    shell::cargo(["deny", "--locked", "fetch", "db"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
