//! The command line of a service.

use clap::{Arg, ArgAction, Command};

use super::commands;

/// The exit codes, as the help shows them.
const EXIT_CODES: &str = "\
Exit codes:
  0    done; after a signal, everything has stopped in order
  1    failed
  2    wrong usage
  3    a check found something: a drifted document, pending migrations
  65   the data or its schema does not fit: a migration is pending, unknown, changed, dirty or has failed; a seed has
  69   unavailable: the port is in use, the database does not answer or is being migrated
  70   a panic
  78   the configuration is invalid
  130  SIGINT a second time, 143 SIGTERM a second time: ended at once";

/// The whole tree, for a service called `name`.
pub(super) fn command(name: &'static str, version: Option<&'static str>) -> Command {
    let command = match version {
        Some(version) => Command::new(name).version(version),
        None => Command::new(name),
    };
    command
        .about(format!(
            "The service `{name}`: serves by default, and carries its own operations"
        ))
        .args(globals())
        .subcommands(commands::all())
        .disable_help_subcommand(true)
        .after_help(format!("{}\n\n{EXIT_CODES}", examples(name)))
}

/// Arguments that every command takes.
fn globals() -> [Arg; 4] {
    let option = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .global(true)
            .display_order(100)
            .help_heading("Configuration")
    };
    [
        option("profile")
            .value_name("PROFILE")
            .value_parser(["development", "test", "production"])
            .help("Profile to run in; else ATLAS_PROFILE, else development"),
        option("config-dir")
            .value_name("FOLDER")
            .value_parser(clap::value_parser!(std::path::PathBuf))
            .help("Folder of the configuration files; `config` by default"),
        option("set")
            .value_name("KEY=VALUE")
            .action(ArgAction::Append)
            .value_parser(key_value)
            .help("Sets a configuration key, above all files and variables; may be repeated"),
        Arg::new("plain")
            .long("plain")
            .global(true)
            .display_order(101)
            .action(ArgAction::SetTrue)
            .help("Prints tables a line a row, tabs between cells, without a head"),
    ]
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as `key=value`, such as `http.port=8081`".to_owned()),
    }
}

fn examples(name: &str) -> String {
    let examples = [
        ("", "serve, in the profile development"),
        ("serve --set http.port=8081", "serve on another port"),
        ("config explain http.port", "where a value comes from"),
        ("check", "is the graph sound, is the configuration valid?"),
    ];
    let mut text = "Examples:".to_owned();
    for (arguments, what) in examples {
        let call = format!("{name} {arguments}");
        text.push_str(&format!("\n  {:<40} {what}", call.trim_end()));
    }
    text
}

/// `--json`, for commands that read.
pub(super) fn json() -> Arg {
    Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help("Answers as JSON")
}
