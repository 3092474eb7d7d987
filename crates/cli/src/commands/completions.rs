//! `atlas completions`: what the shell needs to complete `atlas`.

use clap::{Arg, ArgMatches, Command};
use clap_complete::Shell;

use super::{delegate, examples};
use crate::{Context, Exit, Result};

/// The arguments of `atlas completions`.
pub(crate) fn command() -> Command {
    Command::new("completions")
        .about("Writes the completion script of a shell")
        .before_help(examples(&[
            (
                "atlas completions bash > atlas.bash",
                "then `source atlas.bash` in ~/.bashrc",
            ),
            ("atlas completions zsh > _atlas", "in a folder of $fpath"),
            (
                "atlas completions fish > atlas.fish",
                "in ~/.config/fish/completions",
            ),
            (
                "atlas completions powershell > atlas.ps1",
                "then `. ./atlas.ps1` in $PROFILE",
            ),
        ]))
        .arg(
            Arg::new("shell")
                .required(true)
                .value_name("SHELL")
                .value_parser(["bash", "zsh", "fish", "powershell"])
                .help("Which shell completes"),
        )
}

/// Writes the script to stdout.
pub(crate) fn run(context: &Context, arguments: &ArgMatches) -> Result<Exit> {
    let shell = match arguments.get_one::<String>("shell").map(String::as_str) {
        Some("zsh") => Shell::Zsh,
        Some("fish") => Shell::Fish,
        Some("powershell") => Shell::PowerShell,
        _ => Shell::Bash,
    };
    let mut script = Vec::new();
    let services = delegate::KNOWN
        .iter()
        .map(|(name, about)| Command::new(*name).about(*about));
    let mut all = crate::command().subcommands(services);
    clap_complete::generate(shell, &mut all, "atlas", &mut script);
    context.printer.data(String::from_utf8_lossy(&script));
    Ok(Exit::Success)
}
