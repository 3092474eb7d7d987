//! The command line: global options, the list of commands, and who does what.

use std::{
    ffi::{OsStr, OsString},
    io::IsTerminal,
    path::PathBuf,
    process::ExitCode,
};

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::{
    Context, Error, Exit, OrFail, Printer, Result,
    commands::{self, Entry, Group},
};

/// Runs one command line and prints what came of it; the whole of the program.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = commands::delegate::ours(arguments.into_iter().collect());
    let matches = match command().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(answer) => return answered(&answer, arguments.iter().any(|word| word == "--json")),
    };
    let printer = Printer::new(
        matches.get_flag("json"),
        matches.get_flag("quiet"),
        !matches.get_flag("no-color"),
    );
    let exit = run(printer, &matches).unwrap_or_else(|error| {
        printer.error(&error);
        error.exit_status()
    });
    ExitCode::from(exit.code())
}

/// The tree of all commands, as help, completions and tests read it.
#[must_use]
pub fn command() -> Command {
    let root = Command::new("atlas")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Creates services in Rust and drives them")
        .before_help(commands::examples(&[
            ("atlas new shop --no-input", "a service that runs at once"),
            ("atlas dev", "build, run, and follow every save"),
            (
                "atlas generate module orders total:decimal",
                "a feature from database to HTTP, with tests",
            ),
            (
                "atlas migrate status",
                "any other command goes to the service's own binary",
            ),
        ]))
        .help_template(
            "{about}\n\n{before-help}{usage-heading} {usage}{after-help}\n\nOptions:\n{options}",
        )
        .after_help(overview())
        .allow_external_subcommands(true)
        .external_subcommand_value_parser(clap::value_parser!(OsString))
        .disable_help_subcommand(true)
        .args(globals());
    commands::ALL.iter().fold(root, |root, entry| {
        root.subcommand(led_by_examples((entry.command)()))
    })
}

/// Puts the examples of a command, and of those below it, in front of everything else.
fn led_by_examples(command: Command) -> Command {
    let template =
        "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";
    command
        .help_template(template)
        .mut_subcommands(led_by_examples)
}

fn globals() -> [Arg; 5] {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .action(ArgAction::SetTrue)
            .global(true)
            .help(help)
            .help_heading("Global options")
    };
    [
        flag(
            "json",
            "Writes results as JSON on stdout, errors as JSON on stderr",
        ),
        flag("quiet", "Writes only results, warnings and errors").short('q'),
        flag(
            "no-color",
            "Writes without colours (as with `NO_COLOR` or `TERM=dumb`)",
        ),
        flag("no-input", "Never asks; takes the defaults and the flags"),
        Arg::new("directory")
            .long("directory")
            .short('C')
            .value_name("DIR")
            .value_parser(clap::value_parser!(PathBuf))
            .global(true)
            .help("Works as if started in DIR")
            .help_heading("Global options"),
    ]
}

/// The commands by what they are for, then those that a service's own binary answers.
fn overview() -> String {
    let mut text = String::new();
    for group in Group::ALL {
        text.push_str(&format!("{}:\n", group.title()));
        for entry in commands::ALL.iter().filter(|entry| entry.group == group) {
            let command = (entry.command)();
            let about = command
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default();
            text.push_str(&format!("  {:<12} {about}\n", command.get_name()));
        }
    }
    text.push_str(
        "\nInside a service, answered by its own binary (`atlas migrate --help` shows more):\n",
    );
    for (name, about) in commands::delegate::KNOWN {
        text.push_str(&format!("  {name:<12} {about}\n"));
    }
    text.push_str("\nGuides and reference: ");
    text.push_str(concat!(env!("CARGO_PKG_REPOSITORY"), "/tree/main/docs"));
    text
}

fn run(printer: Printer, matches: &ArgMatches) -> Result<Exit> {
    let context = Context {
        printer,
        directory: directory(matches.get_one::<PathBuf>("directory"))?,
        interactive: !matches.get_flag("no-input")
            && !printer.is_json()
            && std::io::stdin().is_terminal()
            && std::io::stderr().is_terminal(),
    };
    match matches.subcommand() {
        None => {
            printer.data(command().render_help().to_string());
            Ok(Exit::Success)
        }
        Some((name, arguments)) => match commands::ALL
            .iter()
            .find(|entry| (entry.command)().get_name() == name)
        {
            Some(Entry { run, .. }) => run(&context, arguments),
            None => {
                let rest: Vec<&OsStr> = arguments
                    .get_many::<OsString>("")
                    .into_iter()
                    .flatten()
                    .map(OsString::as_os_str)
                    .collect();
                commands::delegate::run(&context, name, &rest)
            }
        },
    }
}

fn directory(asked: Option<&PathBuf>) -> Result<PathBuf> {
    let current = std::env::current_dir().or_fail(|| "cannot tell the current directory")?;
    let Some(asked) = asked else {
        return Ok(current);
    };
    let directory = current.join(asked);
    if directory.is_dir() {
        Ok(directory)
    } else {
        Err(
            Error::usage(format!("`{}` is not a directory", asked.display()))
                .place("--directory")
                .help("create it first, or leave the option out to work in the current directory"),
        )
    }
}

/// Help, version or a usage error, as clap worded it.
fn answered(answer: &clap::Error, json: bool) -> ExitCode {
    let printer = Printer::new(json, false, true);
    let text = answer.render().to_string();
    let text = text.trim_end();
    if !answer.use_stderr() {
        printer.data(text);
        return ExitCode::SUCCESS;
    }
    if json {
        let mut parts = text
            .trim_start_matches("error: ")
            .split("\n\n")
            .map(str::trim);
        let error = Error::usage(parts.next().unwrap_or_default());
        printer.error(&parts.fold(error, |error, part| error.help(part)));
    } else {
        printer.message(text);
    }
    ExitCode::from(Exit::Usage.code())
}
